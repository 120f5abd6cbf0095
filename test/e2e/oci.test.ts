import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask } from "../../src/lab/client.ts";
import { drifts } from "../../src/substrates/oci/drifts.ts";
import { Bench, resultsOf } from "./bench.ts";

const guests = ["client1", "client2", "router1", "router2"];
const allPass = Object.fromEntries(guests.map((guest) => [guest, "pass"]));

let bench: Bench;
const certify = (...args: string[]) => bench.certifyClouds("--providers", "oci", ...args);
beforeAll(async () => {
  // Flows lead to the edge of PVE, whose host key must be recorded.
  bench = await Bench.start({ provision: true });
  await bench.pulumi("up", "--yes", "--skip-preview", "-s", "lab-oci");
});
afterAll(() => bench[Symbol.asyncDispose]());

/** What only a person can put right. */
const byHand = ["oci-stray-volume", "oci-stray-subnet", "oci-image-disabled", "oci-limit-lowered"];

describe("an OCI substrate", () => {
  it("is certified as it was brought up by hand, by a look that changes nothing", async () => {
    const [effects, backend] = [await bench.cloudEffects(), await bench.backend()];
    const { exit, manifest, stdout, stderr } = await certify();
    expect(exit, stdout).toBe(0);
    expect(manifest).toMatchObject({ status: "pass", providers: ["oci"], repairs: [] });
    for (const check of ["oci.bootstrap", "oci.pubip", "oci.metadata", "g.fw", "g.userdata", "oci.eastwest"])
      expect(resultsOf(manifest, check), check).toEqual(allPass);
    for (const check of ["oci.identity", "oci.quotas", "oci.sg", "oci.inventory", "oci.drift"])
      expect(resultsOf(manifest, check), check).toEqual({ "": "pass" });
    expect(Object.keys(manifest?.toolVersions ?? {})).toEqual(
      expect.arrayContaining(["@pulumi/oci", "declared/oci", "state/oci", "observed/oci"]),
    );
    expect(stderr).not.toContain("Retrying");
    expect(await bench.cloudEffects()).toBe(effects);
    expect(await bench.backend()).toBe(backend);
  });

  it("is certified with a key that only looks, and blocked where that is to repair", async () => {
    const reader = bench.with({ SUBSTRATE_OVERLAY: bench.home.readOnlyOverlay });
    const looked = await reader.certifyClouds("--providers", "oci");
    expect(looked.exit, looked.stdout).toBe(0);
    await bench.lab("drift", "oci-ingress-added");
    const { manifest } = await reader.certifyClouds("--providers", "oci", "--repair");
    expect(manifest?.repairs.map(({ target, result }) => [target, result])).toEqual([
      ["security", "blocked"],
    ]);
    await bench.lab("heal");
  });

  it("shows what drifted, is repaired by converging, and then has nothing left to repair", async () => {
    for (const drift of ["oci-ingress-added", "oci-instance-terminated", "oci-dest-check-on"])
      await bench.lab("drift", drift);
    const { exit, manifest } = await certify();
    expect(exit).toBe(1);
    for (const check of ["oci.sg", "oci.fwdflag", "oci.bootstrap", "oci.drift"])
      expect(Object.values(resultsOf(manifest, check)), check).toContain("fail");

    const repaired = await certify("--repair", "--run-id", `r${"x".repeat(31)}`);
    expect(repaired.exit, repaired.stdout).toBe(0);
    const repairs = repaired.manifest?.repairs.map(({ target, result }) => [target, result]);
    expect(repairs?.toSorted()).toEqual(
      ["client2", "client2-address", "router1", "security"].map((target) => [target, "pass"]),
    );
    const again = await certify("--repair");
    expect(again.exit).toBe(0);
    expect(again.manifest?.repairs).toEqual([]);
  });

  it("makes one guest anew where nothing declared has changed and the guest itself is at fault", async () => {
    await bench.lab("drift", "oci-guest-firewall-shut");
    const { exit, manifest, stdout } = await certify("--repair");
    expect(exit, stdout).toBe(0);
    const replaced = manifest?.repairs.filter(({ action }) => action.includes("replaced"));
    expect(replaced?.map(({ target, result }) => [target, result])).toEqual([["client1", "pass"]]);
  });

  it("mends all other prepared drifts at once, but for two that would hide them", async () => {
    const done = [
      "oci-ingress-added",
      "oci-instance-terminated",
      "oci-dest-check-on",
      "oci-guest-firewall-shut",
    ];
    const hiding = ["oci-ingress-missing", "oci-instance-stopped"];
    const others = drifts.filter(({ name }) => ![...done, ...hiding, ...byHand].includes(name));
    for (const some of [others.map(({ name }) => name), hiding]) {
      for (const name of some) await bench.lab("drift", name);
      const { exit, manifest, stdout } = await certify("--repair");
      expect(exit, stdout).toBe(0);
      expect(new Set(manifest?.repairs.map(({ result }) => result))).toEqual(new Set(["pass"]));
    }
  });

  it("leaves to a person what others may own or what costs money, and changes nothing then", async () => {
    for (const drift of byHand) await bench.lab("drift", drift);
    const effects = await bench.cloudEffects();
    const { exit, manifest, stdout } = await certify("--repair");
    await bench.lab("heal");
    expect(exit, stdout).not.toBe(0);
    for (const check of ["oci.inventory", "oci.network", "oci.images", "oci.quotas"]) {
      expect(stdout).toContain(`fail     ${check}: `);
      expect(resultsOf(manifest, check), check).toEqual({ "": "blocked" });
    }
    expect(new Set(manifest?.repairs.map(({ result }) => result))).toEqual(new Set(["blocked"]));
    expect(await bench.cloudEffects()).toBe(effects);
  });

  it("is blocked where its program is refused something, and nobody waits until the deadline for what depends on that", async () => {
    await ask(bench.home, { do: "break", fault: "oci/denied/ListPrivateIps" });
    const { exit, manifest } = await certify("--deadline", "40s");
    await bench.lab("heal");
    expect(exit).toBe(3);
    const drift = manifest?.checks.find(({ name }) => name === "oci.drift");
    expect(drift).toMatchObject({ result: "blocked", summary: "could not look: the engine could not look" });
  });

  it("is blocked as a whole where the API is down, with its cause in the first gate", async () => {
    await bench.lab("fault", "oci-api-down");
    const { exit, manifest } = await certify();
    await bench.lab("heal");
    expect(exit).toBe(3);
    expect(new Set(manifest?.checks.map(({ result }) => result))).toEqual(new Set(["blocked"]));
  });

  it("says no secret and no address in anything that a person or the evidence sees", () => {
    expect(bench.said.join("\n")).not.toMatch(/BEGIN (OPENSSH|PRIVATE)|192\.0\.2\.1\d\d|ocid1\.instance/);
  });
});
