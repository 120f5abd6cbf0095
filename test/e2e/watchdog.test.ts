import { readFile, rm } from "node:fs/promises";
import { execa } from "execa";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { engineFolder } from "../../src/pulumi/folder.ts";
import { releaseFreeze } from "../../src/qualification/freeze.ts";
import { type QualificationResult, qualificationResult } from "../../src/qualification/result.ts";
import { Bench, frozenBy, project } from "./bench.ts";
import { processesWith, processOf } from "./processes.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start({ provision: true });
});
afterAll(() => bench[Symbol.asyncDispose]());

/** On a machine that is busy with others. */
const eventually = { timeout: 120_000, interval: 250 };

const mark = () => `SUBSTRATE_LAB=${bench.home.path}`;

/** A qualification whose command never ends; given when that has begun. */
async function begin(...args: string[]) {
  const forever = JSON.stringify(["sh", "-c", "echo begun; sleep 3600"]);
  const given = bench.qualification("--qualification-command", forever, ...args);
  const running = execa("scripts/release-qualification-smoke.sh", given, {
    ...{ cwd: project, env: bench.env, reject: false, stdin: "ignore" },
  });
  const log = () => readFile(`${bench.evidence}/qualification.log`, "utf8").catch(() => "");
  await expect.poll(log, eventually).toContain("begun");
  // Not itself: whoever awaited it would wait for its end.
  return { running };
}

/** The result, as soon as it is written. */
async function written(): Promise<QualificationResult> {
  const text = () => readFile(bench.result, "utf8").catch(() => "");
  await expect.poll(text, eventually).not.toBe("");
  return qualificationResult.parse(JSON.parse(await text()));
}

/** What every end has in common: nothing runs, nothing is held. */
async function expectOver(result: QualificationResult): Promise<void> {
  expect(result).toMatchObject({ classification: "infra_failure", cleanupExit: 0, inventoryExit: 0 });
  expect(await frozenBy(bench)).toBeUndefined();
  const daemon = "/src/lab/daemon.ts ";
  const commands = async () =>
    (await processesWith(mark(), [process.pid])).filter((line) => !line.includes(daemon));
  await expect.poll(commands, eventually).toEqual([]);
}

it("A freeze is given back also where it is past its end: the clock may be wrong, and be put right", async () => {
  const past = new Date(Date.now() - 1_000).toISOString();
  const run = { runId: "smoke-late", release: "v1.2.3" };
  await bench.record({ freeze: { ...run, since: past, until: past } });
  expect(await frozenBy(bench)).toBe("smoke-late");
  for (const [name, value] of Object.entries(bench.env)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  await releaseFreeze({ ...run, environment: "lab", ttl: 1, engine: `${engineFolder()}/pulumi`, project });
  expect(await frozenBy(bench)).toBeUndefined();
});

describe.skipIf(process.platform !== "linux")("a qualification that is ended before its command is", () => {
  beforeEach(() =>
    Promise.all([bench.result, bench.evidence].map((path) => rm(path, { recursive: true, force: true }))),
  );

  it("is ended by its watchdog, once, where it was killed; until then others are refused", async () => {
    const { running } = await begin();
    const holder = await frozenBy(bench);
    expect(holder).toMatch(/^smoke-/);

    const refused = await bench.qualify();
    expect(refused.exit, refused.stderr).toBe(4);
    expect(refused.result?.checks.flatMap(({ name, result }) => (result === "pass" ? [] : name))).toEqual([
      "preflight.freeze",
    ]);
    await rm(bench.result);

    running.kill("SIGKILL");
    await running;
    const result = await written();
    expect(result).toMatchObject({ runId: holder, watchdogAbort: { reason: "parent-gone" } });
    expect(result.driverExit).toBeGreaterThan(128);
    await expectOver(result);
  });

  it("ends by itself at Ctrl-C, with everything given back", async () => {
    const { running } = await begin();
    running.kill("SIGINT");
    expect((await running).exitCode).toBe(3);
    const result = await written();
    expect(result.watchdogAbort).toBeNull();
    expect(result.checks).toContainEqual(expect.objectContaining({ name: "run.interrupted" }));
    await expectOver(result);
  });

  it("is ended by its watchdog where it gives no sign of life for too long", async () => {
    const { running } = await begin("--heartbeat-stale", "10s");
    running.kill("SIGSTOP");
    const result = await written();
    running.kill("SIGCONT");
    expect((await running).exitCode).toBe(3);
    expect(result).toMatchObject({ watchdogAbort: { reason: "heartbeat-stale" } });
    await expectOver(result);
  });

  it("is ended by its watchdog where it takes longer than it may", async () => {
    const { running } = await begin("--heartbeat-stale", "10s", "--ttl", "45s");
    expect((await running).exitCode).toBe(3);
    const result = await written();
    expect(result).toMatchObject({ watchdogAbort: { reason: "ttl-expired" } });
    await expectOver(result);
  });

  it("ends itself where its watchdog was killed", async () => {
    const { running } = await begin();
    process.kill(await processOf(mark(), "/src/qualification/kennel.ts"), "SIGKILL");
    expect((await running).exitCode).toBe(3);
    const result = await written();
    // How the command ended only the watchdog saw.
    expect(result).toMatchObject({ watchdogAbort: { reason: "watchdog-gone" }, driverExit: -1 });
    await expectOver(result);
  });
});
