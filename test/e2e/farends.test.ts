import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newAuthority } from "../../src/substrates/farend/authority.ts";
import { Bench, resultsOf } from "./bench.ts";
import { allPassed, expectDiscreet, left, says, stack, told, withConfig, withFaults } from "./days.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start({ provision: true });
});
afterAll(() => bench[Symbol.asyncDispose]());

describe("an API that", () => {
  it.each([
    ["pve-api-failing", { "pve.tls": "pass", "pve.api": "blocked" }, "the far end failed (5xx)"],
    ["pve-api-garbage", { "pve.tls": "pass", "pve.api": "blocked" }, "could not be understood"],
    ["pve-api-truncated", { "pve.tls": "pass", "pve.api": "blocked" }, "was cut short"],
    ["pve-token-powerless", { "pve.tls": "pass", "pve.api": "pass", "pve.perms": "blocked" }, "VM.Audit"],
  ])(
    "is %s is blocked at its gate, with everything behind it, and nothing is repaired",
    async (fault, gate, words) => {
      const certified = await withFaults(bench, [fault], () => bench.certify("--repair"));
      expect(certified).toMatchObject({ exit: 3, manifest: { status: "blocked", repairs: [] } });
      expect(told(certified)).toEqual(gate);
      expect(certified.manifest?.checks.find(({ result }) => result === "blocked")?.summary).toContain(words);
    },
  );

  it("answers too late ends with the run's deadline, and leaves nothing behind", async () => {
    const certified = await withFaults(bench, ["pve-api-slow"], () => bench.certify("--deadline", "4s"));
    expect(certified).toMatchObject({ exit: 3, manifest: { status: "blocked" } });
    expect(told(certified)).toEqual({ "pve.tls": "pass", "pve.api": "blocked" });
    expect(await left(bench)).toEqual([]);
  });

  it("shows another certificate than the pinned one fails; one of an unknown authority is blocked", async () => {
    const other = Array.from({ length: 32 }, () => "AB").join(":");
    const pin = await (await withConfig(bench, { "pve:fingerprint": other })).certify();
    expect(pin).toMatchObject({ exit: 1, manifest: { status: "fail" } });
    expect(told(pin)).toEqual({ "pve.tls": "fail" });
    const authority = await (
      await withConfig(bench, { "pve:ca": (await newAuthority("authority of a test")).certificate })
    ).certify();
    expect(authority).toMatchObject({ exit: 3, manifest: { status: "blocked" } });
    expect(told(authority)).toEqual({ "pve.tls": "blocked" });
  });

  it("refuses the token is blocked", async () => {
    const wrong = "certifier@pve!lab=00000000-0000-4000-8000-000000000000";
    const certified = await (await withConfig(bench, { "pve:token": wrong })).certify();
    expect(certified).toMatchObject({ exit: 3, manifest: { status: "blocked" } });
    expect(told(certified)).toEqual({ "pve.tls": "pass", "pve.api": "blocked" });
  });
});

describe("one thing that can not be read", () => {
  it("in the engine's refresh blocks the drift; provider functions and all other checks are still answered", async () => {
    const log = join(bench.folder, "debug.log");
    const certified = await withFaults(bench, ["pve-vm-unreadable"], () =>
      bench.certify("--verbose", "--debug-log", log),
    );
    expect(certified).toMatchObject({ exit: 3, manifest: { status: "blocked" } });
    const blocked = Object.entries(told(certified)).filter(([, result]) => result !== "pass");
    expect(Object.fromEntries(blocked)).toMatchObject({
      "pve.drift": "blocked",
      "pve.qga.enabled@client1": "blocked",
    });
    expect(blocked.filter(([key]) => key !== "pve.drift" && !key.endsWith("@client1"))).toEqual([]);
    allPassed(certified, ["pve.nodes", "g.ssh", "pve.l3"]);

    const text = await readFile(log, "utf8");
    expect(text.split("\n")[0]).toMatch(/^PRIVATE: .*Do not publish/);
    expect(text).toContain("got timeout");
    expect((await stat(log)).mode & 0o777).toBe(0o600);
  });
});

describe("guests that hang", () => {
  it("take nobody's time but their own: agent, connection, banner and output without end", async () => {
    const faults = ["pve-agent-hung", "pve-guest-mute", "pve-guest-banner", "pve-guest-endless"];
    const certified = await withFaults(bench, faults, () => bench.certify());
    expect(certified).toMatchObject({ exit: 1, manifest: { status: "fail" } });
    expect(told(certified)).toMatchObject({
      "pve.qga.responsive@client2": "fail",
      "g.ssh@client1": "fail",
      "g.ssh@leaf2": "fail",
      "g.ssh@leaf1": "pass",
      "g.hostname@leaf1": "blocked",
      "g.cloudinit@leaf1": "blocked",
      "pve.drift": "pass",
    });
    expect(resultsOf(certified.manifest, "g.ssh").client2).not.toBe("fail");
  });

  it("print binary and terminal controls do not get them onto anybody's terminal", async () => {
    const certified = await withFaults(bench, ["pve-guest-garbled"], () => bench.certify("--verbose"));
    expect(told(certified)).toMatchObject({ "g.hostname@leaf2": "blocked", "pve.l3@leaf2": "pass" });
    expect(certified.manifest?.checks.filter(({ result }) => result === "fail")).toEqual([]);
  });
});

describe("an update in between", () => {
  it("blocks the drift, for a preview sees half of it", async () => {
    const file = join(bench.folder, "export.json");
    await bench.pulumi("stack", "export", "-s", stack, "--file", file);
    const { id } = JSON.parse(await bench.pulumi("stack", "output", "run", "--json", "-s", stack));
    const changed = (await readFile(file, "utf8")).replace(id, "run-other");
    await writeFile(file, changed);
    const out = join(bench.folder, "between.json");
    const certifying = bench.begin(out);
    await says(certifying, /pve\.perms/);
    await bench.pulumi("stack", "import", "-s", stack, "--file", file);
    const { exitCode } = await certifying;
    const certified = { manifest: JSON.parse(await readFile(out, "utf8")) };
    expect(resultsOf(certified.manifest, "pve.drift")).toEqual({ "": "blocked" });
    expect(exitCode).toBe(3);
  });
});

describe("everything that was said on these days", () => {
  it("holds no address, no VM id, no token, no far end's text and no terminal control", () =>
    expectDiscreet(bench));
});
