import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Bench, resultsOf } from "./bench.ts";
import { whileUpdated, withConfig } from "./days.ts";

const stack = ["-s", "lab-aws"] as const;
const guests = ["client1", "client2", "router1", "router2"];
const allPass = Object.fromEntries(guests.map((guest) => [guest, "pass"]));

let bench: Bench;
const certify = (...args: string[]) => bench.certifyClouds("--providers", "aws", ...args);
beforeAll(async () => {
  // Flows lead to its edge, whose host key must be recorded.
  bench = await Bench.start({ provision: true });
  await bench.pulumi("up", "--yes", "--skip-preview", ...stack);
});
afterAll(() => bench[Symbol.asyncDispose]());

describe("an AWS substrate", () => {
  it("is certified as it was brought up by hand, by a look that changes nothing", async () => {
    const [effects, backend] = [await bench.cloudEffects(), await bench.backend()];
    const { exit, manifest, stdout } = await certify();
    expect(exit, stdout).toBe(0);
    expect(manifest).toMatchObject({ status: "pass", providers: ["aws"], repairs: [] });
    for (const check of ["aws.bootstrap", "aws.pubip", "aws.metadata", "g.ssh", "g.userdata", "aws.eastwest"])
      expect(resultsOf(manifest, check), check).toEqual(allPass);
    for (const check of ["aws.identity", "aws.sg", "aws.inventory", "aws.drift"])
      expect(resultsOf(manifest, check), check).toEqual({ "": "pass" });
    expect(resultsOf(manifest, "aws.pve")).toEqual({ router1: "pass", router2: "pass" });
    const components = manifest?.checks.map(({ name, component }) => [name === "aws.pve", component].join());
    expect(new Set(components)).toEqual(new Set(["false,cloud", "true,cross-substrate"]));
    expect(Object.keys(manifest?.toolVersions ?? {})).toEqual(
      expect.arrayContaining(["@pulumi/aws", "declared/aws", "state/aws", "observed/aws"]),
    );
    expect(await bench.cloudEffects()).toBe(effects);
    expect(await bench.backend()).toBe(backend);
  });

  it("shows what drifted, is repaired by converging, and then has nothing left to repair", async () => {
    const network = ["aws-wireguard-shut", "aws-ingress-added"];
    for (const drift of [...network, "aws-instance-terminated", "aws-dest-check-on"])
      await bench.lab("drift", drift);
    const { exit, manifest } = await certify();
    expect(exit).toBe(1);
    for (const check of ["aws.sg", "aws.fwdflag", "aws.bootstrap", "aws.drift", "aws.pve"])
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
    await bench.lab("drift", "aws-instance-stopped");
    const { exit, manifest, stdout } = await certify("--repair");
    expect(exit, stdout).toBe(0);
    const replaced = manifest?.repairs.filter(({ action }) => action.includes("replaced"));
    expect(replaced?.map(({ target, result }) => [target, result])).toEqual([["client2", "pass"]]);
  });

  it.each([
    ["pve-site-unforwarded", "fail", 1, /^one way only: pve\/edge1 reaches router1, and nothing gets from/],
    ["pve-edge-silent", "blocked", 3, /^could not look from pve\/edge1: no answer in time$/],
  ] as const)(
    "with %s is %s for what leads there, and for nothing else",
    async (fault, result, code, said) => {
      await bench.lab("fault", fault);
      const { exit, manifest } = await certify();
      await bench.lab("heal");
      expect(exit).toBe(code);
      expect(manifest).toMatchObject({ status: result });
      expect(resultsOf(manifest, "aws.pve")).toEqual({ router1: result, router2: result });
      const wrong = manifest?.checks.filter((check) => check.result !== "pass") ?? [];
      expect(new Set(wrong.map(({ name }) => name))).toEqual(new Set(["aws.pve"]));
      expect(wrong.find(({ target }) => target === "router1")?.summary).toMatch(said);
    },
  );

  it("is blocked for what leads to where somebody's update is under way, whatever seems wrong there", async () => {
    await bench.lab("fault", "pve-site-unforwarded");
    const { exit, manifest } = await whileUpdated(bench, "lab-pve", () => certify());
    await bench.lab("heal");
    expect(exit).toBe(3);
    const wrong = manifest?.checks.filter((check) => check.result !== "pass") ?? [];
    const said = "could not look: an update was under way meanwhile";
    expect(wrong.map(({ name, result, summary }) => [name, result, summary])).toEqual(
      Array(2).fill(["aws.pve", "blocked", said]),
    );
  });

  it("fails for credentials of another account, which the plugin itself refuses to work with", async () => {
    const other = await withConfig(bench, { "aws:account": "210987654321" }, "lab-aws");
    const { exit, manifest } = await other.certifyClouds("--providers", "aws");
    expect(exit).toBe(1);
    expect(resultsOf(manifest, "aws.identity")).toEqual({ "": "fail" });
    expect(resultsOf(manifest, "aws.regions")).toEqual({ "": "blocked" });
  });

  it("is blocked as a whole where the API is down, with its cause in the first gate", async () => {
    await bench.lab("fault", "aws-api-down");
    const { exit, manifest } = await certify();
    await bench.lab("heal");
    expect(exit).toBe(3);
    expect(new Set(manifest?.checks.map(({ result }) => result))).toEqual(new Set(["blocked"]));
  });

  it("joins another command's manifest, and refuses providers that it does not certify", async () => {
    const { manifest } = await certify();
    const other = join(bench.folder, "pve.json");
    const checks = manifest?.checks
      .slice(0, 1)
      .map((check) => ({ ...check, component: "pve", provider: "pve" }));
    const toolVersions = { node: manifest?.toolVersions?.node ?? "" };
    await writeFile(other, JSON.stringify({ ...manifest, providers: ["pve"], checks, toolVersions }));
    const merged = await certify("--pve-certification", other);
    expect(merged.exit, merged.stderr).toBe(0);
    expect(merged.manifest?.providers).toEqual(["aws", "pve"]);
    const refused = await bench.certifyClouds("--providers", "aws,gcp");
    expect(refused.exit).toBe(2);
    expect(refused.stderr).toContain("some of aws");
  });

  it("says no secret and no address in anything that a person or the evidence sees", () => {
    expect(bench.said.join("\n")).not.toMatch(
      /BEGIN OPENSSH|AKIA[0-9A-F]{16}|(203\.0\.113|192\.0\.2|10\.77)\.\d/,
    );
  });
});
