import { access, readdir, readFile, rm } from "node:fs/promises";
import { execa } from "execa";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { qualificationResult } from "../../src/qualification/result.ts";
import { Bench, project, type Qualified } from "./bench.ts";
import { processesWith } from "./processes.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start({ provision: true });
});
afterEach(async () => void (await bench.lab("heal")));
afterAll(() => bench[Symbol.asyncDispose]());

/** Each of them certifies several times; on a machine that is busy with others that takes minutes. */
const patient = { timeout: 400_000 };

const outputs = z.object({ freeze: z.object({ runId: z.string() }).nullable().default(null) });

/** The freeze as the ledger has it. */
async function freeze() {
  const text = await bench.pulumi("stack", "output", "--json", "-s", "lab-ledger");
  return outputs.parse(JSON.parse(text)).freeze;
}

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
    expect(await freeze()).toBeNull();
    expect(await bench.effects()).toBe(effects);
    expect((await readdir(bench.evidence)).filter((name) => name.endsWith(".plan.json"))).toEqual([]);
  });

  it("is a product failure where the product is stopped and the substrate is whole", async () => {
    await bench.lab("inside", "pve/leaf2", "routerd-stopped");
    const found = await bench.qualify();
    expect(found.exit, found.stderr).toBe(1);
    expect(found.result).toMatchObject({ status: "fail", classification: "product_failure", driverExit: 1 });
    expect(wrong(found)).toContain("routerd.service@leaf2");
    expect(results(found, "substrate.whole")).toEqual(["pass"]);
    expect(await freeze()).toBeNull();
  });

  it("is an infrastructure failure, and no product failure, where the substrate breaks under the product", async () => {
    const broken = `${process.execPath} src/cli/lab.ts drift hostname-changed; exit 1`;
    const found = await bench.qualify("--qualification-command", JSON.stringify(["sh", "-c", broken]));
    expect(found.exit, found.stderr).toBe(3);
    expect(found.result).toMatchObject({ status: "fail", classification: "infra_failure" });
    expect(wrong(found)).toContain("g.hostname@client2");
    expect(results(found, "qualification.command")).not.toContain("fail");
    expect(await freeze()).toBeNull();
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

describe("a qualification that is killed", patient, () => {
  it("is ended by its watchdog, once, while others are refused; nothing is left", async () => {
    const log = `${bench.evidence}/qualification.log`;
    const forever = ["sh", "-c", "echo begun; sleep 3600"];
    const args = bench.qualification("--qualification-command", JSON.stringify(forever));
    const running = execa("scripts/release-qualification-smoke.sh", args, {
      ...{ cwd: project, env: bench.env, reject: false, stdin: "ignore" },
    });
    const eventually = { timeout: 120_000, interval: 250 };
    await expect.poll(() => readFile(log, "utf8").catch(() => ""), eventually).toContain("begun");
    const held = await freeze();
    expect(held?.runId).toMatch(/^smoke-/);

    const refused = await bench.qualify();
    expect(refused.exit, refused.stderr).toBe(4);
    expect(wrong(refused)).toEqual(["preflight.freeze"]);
    await rm(bench.result);

    running.kill("SIGKILL");
    await running;
    await expect
      .poll(
        () =>
          access(bench.result).then(
            () => true,
            () => false,
          ),
        eventually,
      )
      .toBe(true);
    const result = qualificationResult.parse(JSON.parse(await readFile(bench.result, "utf8")));
    expect(result).toMatchObject({
      ...{ runId: held?.runId, classification: "infra_failure", cleanupExit: 0, inventoryExit: 0 },
      watchdogAbort: { reason: "parent-gone" },
    });
    expect(result.driverExit).toBeGreaterThan(128);
    expect(await freeze()).toBeNull();
    const mark = `SUBSTRATE_LAB=${bench.home.path}`;
    const daemon = "/src/lab/daemon.ts ";
    const commands = async () =>
      (await processesWith(mark, [process.pid])).filter((line) => !line.includes(daemon));
    await expect.poll(commands, eventually).toEqual([]);
  });
});
