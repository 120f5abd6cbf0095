import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Bench, frozenBy, type Qualified } from "./bench.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start({ provision: true });
});
afterEach(async () => void (await bench.lab("heal")));
afterAll(() => bench[Symbol.asyncDispose]());

/** Each of them certifies several times; on a machine that is busy with others that takes minutes. */
const patient = { timeout: 400_000 };

/** What did not pass, as `name@target`. */
function wrong({ result }: Qualified): readonly string[] {
  const checks = result?.checks.filter((check) => check.result !== "pass") ?? [];
  return checks.map(({ name, target }) => (target === undefined ? name : `${name}@${target}`)).toSorted();
}

/** The results of all checks of one name. */
function results({ result }: Qualified, name: string): readonly string[] {
  return result?.checks.flatMap((check) => (check.name === name ? check.result : [])) ?? [];
}

describe("a qualification on a certified environment", patient, () => {
  it("passes with every product check, changes nothing there, and gives its freeze back", async () => {
    const effects = await bench.effects();
    const found = await bench.qualify();
    expect(found.exit, found.stderr).toBe(0);
    expect(found.result).toMatchObject({
      ...{ status: "pass", classification: "none", release: "v1.2.3" },
      ...{ driverExit: 0, cleanupExit: 0, inventoryExit: 0, watchdogAbort: null },
    });
    expect(wrong(found)).toEqual([]);
    for (const name of ["routerd.service", "routerd.status", "routerd.pools", "routerd.actions"])
      expect(results(found, name), name).toEqual(["pass", "pass", "pass"]);
    expect(results(found, "matrix.flows")).toEqual(["pass", "pass"]);
    expect(results(found, "substrate.whole")).toEqual(["pass"]);
    expect(await frozenBy(bench)).toBeUndefined();
    expect(await bench.effects()).toBe(effects);
    const evidence = await readdir(bench.evidence);
    expect(evidence.filter((name) => name.endsWith(".plan.json"))).toEqual([]);
    const modes = evidence.map(async (name) => (await stat(join(bench.evidence, name))).mode & 0o777);
    expect(new Set(await Promise.all(modes))).toEqual(new Set([0o600]));
  });

  it.each([
    ["routerd-stopped", "pve/leaf2", "routerd.service@leaf2"],
    ["routerd-removed", "pve/leaf2", "routerd.service@leaf2"],
    ["routerd-pool-conflict", "pve/leaf2", "routerd.pools@leaf2"],
    ["routerd-action-failed", "pve/leaf1", "routerd.actions@leaf1"],
  ])("is a product failure with %s in %s, for the substrate is whole", async (what, guest, check) => {
    await bench.lab("inside", guest, what);
    const found = await bench.qualify();
    expect(found.exit, found.stderr).toBe(1);
    expect(found.result).toMatchObject({ status: "fail", classification: "product_failure", driverExit: 1 });
    expect(wrong(found)).toContain(check);
    expect(results(found, "substrate.whole")).toEqual(["pass"]);
    expect(await frozenBy(bench)).toBeUndefined();
  });

  it.each([
    ["drift", "hostname-changed", "g.hostname@client2"],
    ["fault", "pve-api-failing", "pve.api"],
  ])(
    "is an infrastructure failure after a %s, %s, the product is not asked, and nothing keeps a far end's words",
    async (kind, name, check) => {
      await bench.lab(kind, name);
      const found = await bench.qualify();
      expect(found.exit, found.stderr).toBe(3);
      expect(found.result).toMatchObject({ classification: "infra_failure", driverExit: -1 });
      expect(wrong(found)).toContain(check);
      expect(results(found, "routerd.service")).toEqual([]);
      expect(await frozenBy(bench)).toBeUndefined();
      const logs = (await readdir(bench.evidence)).filter((log) => log.endsWith(".log"));
      const kept = await Promise.all(logs.map((log) => readFile(join(bench.evidence, log), "utf8")));
      expect(logs).toContain("inventory.log");
      expect(kept.join("\n")).not.toMatch(/\b\d+\.\d+\.\d+\.\d+\b/);
    },
  );

  it("is an infrastructure failure, and no product failure, where the substrate breaks under the product", async () => {
    const broken = `${process.execPath} src/cli/lab.ts drift hostname-changed; exit 1`;
    const found = await bench.qualify("--qualification-command", JSON.stringify(["sh", "-c", broken]));
    expect(found.exit, found.stderr).toBe(3);
    expect(found.result).toMatchObject({ status: "fail", classification: "infra_failure" });
    expect(wrong(found)).toContain("g.hostname@client2");
    expect(results(found, "qualification.command")).not.toContain("fail");
    expect(await frozenBy(bench)).toBeUndefined();
  });

  it("is an infrastructure failure where a guest was restarted under the product, as whole as everything is again", async () => {
    const restart = `${process.execPath} test/fixtures/programs/restart.ts lab-pve /nodes/pve2/qemu/9104`;
    const broken = `${restart} && exit 1`;
    const found = await bench.qualify(
      "--heartbeat",
      "1m",
      "--qualification-command",
      JSON.stringify(["sh", "-c", broken]),
    );
    expect(found.exit, found.stderr).toBe(3);
    expect(found.result).toMatchObject({ status: "fail", classification: "infra_failure" });
    expect(wrong(found)).toContain("substrate.boot@client2");
    expect(results(found, "qualification.command")).not.toContain("fail");
  });

  it("that can not be written down is told, is no pass, and gives its freeze back", async () => {
    const found = await bench.qualify(
      "--qualification-command",
      JSON.stringify(["sh", "-c", `mkdir ${bench.result}`]),
    );
    await rm(bench.result, { recursive: true });
    expect(found.exit, found.stderr).toBe(3);
    expect(found.stdout).toMatch(/^pass: v1\.2\.3 in smoke-\S+, .*: not written down$/m);
    expect(found.stderr).toMatch(/^error: .*expected a file or nothing, got a directory/m);
    expect(await frozenBy(bench)).toBeUndefined();
  });

  it("is refused where preflight refuses, and starts nothing", async () => {
    const backend = await bench.backend();
    const found = await bench.qualify("--max-age", "1s");
    expect(found.exit).toBe(4);
    expect(found.result).toMatchObject({
      classification: "preflight_failure",
      watchdogPid: null,
      driverExit: -1,
    });
    expect(wrong(found)).toEqual(["preflight.time"]);
    expect(await bench.backend()).toBe(backend);
  });
});
