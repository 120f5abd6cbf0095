import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type Ended, endAlone, endRun } from "../../../src/qualification/ending.ts";
import { startGroup } from "../../../src/qualification/group.ts";
import { Leash, WatchdogLost } from "../../../src/qualification/leash.ts";
import type { Job, Report } from "../../../src/qualification/messages.ts";
import {
  type Classification,
  type QualificationResult,
  qualificationResult,
  type Verdict,
} from "../../../src/qualification/result.ts";
import { type Kennel, Watchdog } from "../../../src/qualification/watchdog.ts";
import { processesWith } from "../../e2e/processes.ts";

let folder: string;
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "watchdog-"));
});
afterEach(() => vi.useRealTimers());
afterAll(() => rm(folder, { recursive: true }));

const fixture = (path: string) => fileURLToPath(new URL(`../../fixtures/${path}`, import.meta.url));
const at = "2026-11-22T16:01:45.000Z";
const hour = 3_600_000;
const forever = [process.execPath, "-e", 'setInterval(() => {}, 1000); console.log("begun")'] as const;

/** What was done, in order, by commands and by us. */
class Diary {
  readonly file: string;

  constructor() {
    count += 1;
    this.file = join(folder, `diary-${count}`);
  }

  /** A command that notes its name and its arguments, and ends so. */
  command(name: string, exit = 0): [string, ...string[]] {
    const write = `require("fs").appendFileSync(process.argv[1], process.argv[2] + "\\n")`;
    return [process.execPath, "-e", `${write}; process.exit(${exit})`, this.file, name];
  }

  async note(word: string): Promise<void> {
    const { appendFile } = await import("node:fs/promises");
    await appendFile(this.file, `${word}\n`);
  }

  async read(): Promise<readonly string[]> {
    const text = await readFile(this.file, "utf8").catch(() => "");
    return text.split("\n").slice(0, -1);
  }
}

function jobOf(diary: Diary, parts: Partial<Job> = {}): Job {
  const runId = `smoke-test-${count}`;
  return {
    ...{ kind: "job", runId, environment: "lab", release: "v1", manifestId: "envcert-1", startedAt: at },
    ...{ out: join(folder, `${runId}.json`), evidence: folder, project: folder },
    ...{ engine: fixture("engine/ledger.ts"), ttl: hour, stale: hour, env: { WATCHDOG_TEST: runId } },
    ...{ cleanup: diary.command("cleanup"), inventory: diary.command("inventory") },
    ...parts,
  };
}

function watched(parts: Partial<Job> = {}, kennel: Partial<Kennel> = {}) {
  const diary = new Diary();
  const job = jobOf(diary, parts);
  const told: Report[] = [];
  const dog = new Watchdog(job, {
    pid: process.pid,
    tell: (report) => void told.push(report),
    take: () => diary.note("take"),
    release: () => diary.note("release"),
    now: () => new Date(at),
    ...kennel,
  });
  const heard = (kind: Report["kind"]) =>
    expect.poll(() => told.some((report) => report.kind === kind), { timeout: 30_000 }).toBe(true);
  return { diary, job, told, dog, heard };
}

const verdict = (classification: Classification): Verdict => ({ classification, checks: [] });

async function endOf(dog: Watchdog): Promise<Ended> {
  const ended = await dog.ended;
  if (ended === undefined) throw new TypeError("somebody else has ended the run");
  return ended;
}

async function written({ out }: Job): Promise<QualificationResult> {
  return qualificationResult.parse(JSON.parse(await readFile(out, "utf8")));
}

describe("a watchdog that is told the verdict", () => {
  it("cleans up, takes stock, gives the freeze back and writes the result, each once and in this order", async () => {
    const { dog, diary, job, told, heard } = watched();
    dog.obey({ kind: "freeze" });
    await heard("frozen");
    dog.obey({ kind: "drive", argv: [...diary.command("drive")] });
    await heard("driven");
    dog.obey({ kind: "conclude", verdict: verdict("none") });
    dog.obey({ kind: "conclude", verdict: verdict("product_failure") });
    dog.abort("parent-gone");
    const { result } = await endOf(dog);
    expect(await diary.read()).toEqual(["take", "drive", "cleanup", "inventory", "release"]);
    expect(result).toMatchObject({ status: "pass", driverExit: 0, cleanupExit: 0, inventoryExit: 0 });
    expect(await written(job)).toEqual(result);
    expect(told.filter(({ kind }) => kind === "finished")).toEqual([{ kind: "finished", result }]);
  });

  it("ends a command that still runs", async () => {
    const { dog, heard } = watched();
    dog.obey({ kind: "drive", argv: [...forever] });
    await heard("driving");
    dog.obey({ kind: "conclude", verdict: verdict("infra_failure") });
    expect((await endOf(dog)).result).toMatchObject({
      classification: "infra_failure",
      driverExit: 143,
      watchdogAbort: null,
    });
  });

  it("cleans nothing up after a run that was not allowed to begin", async () => {
    const { dog, diary } = watched();
    dog.obey({ kind: "conclude", verdict: verdict("preflight_failure") });
    expect((await endOf(dog)).result).toMatchObject({ cleanupExit: -1, inventoryExit: -1 });
    expect(await diary.read()).toEqual(["release"]);
  });

  it.each<readonly [string, "cleanup" | "inventory", Classification]>([
    ["a pass", "cleanup", "none"],
    ["a pass", "inventory", "none"],
    ["a product failure", "inventory", "product_failure"],
  ])("turns %s into an infrastructure failure where the %s fails, and says so", async (_, what, kind) => {
    const { dog, job } = watched({ [what]: new Diary().command(what, 9) });
    dog.obey({ kind: "conclude", verdict: verdict(kind) });
    const { result } = await endOf(dog);
    expect(result).toMatchObject({ classification: "infra_failure", [`${what}Exit`]: 9 });
    expect((await written(job)).checks.map(({ name }) => name)).toEqual([`run.${what}`]);
  });

  it("says where the freeze could not be given back", async () => {
    const { dog } = watched({}, { release: async () => Promise.reject(new Error("away")) });
    dog.obey({ kind: "conclude", verdict: verdict("none") });
    expect((await endOf(dog)).result.checks).toMatchObject([{ name: "freeze.released", result: "blocked" }]);
  });

  it("ends the run all the same where nothing can be written, and says that there is no result", async () => {
    const nowhere = join(folder, "gone");
    const { dog, diary, told } = watched({ evidence: nowhere, out: join(nowhere, "result.json") });
    dog.obey({ kind: "conclude", verdict: verdict("none") });
    const { result, unwritten } = await endOf(dog);
    expect(unwritten).toContain("expected a path that can be written, got ENOENT");
    expect(result).toMatchObject({ status: "pass", cleanupExit: 0, inventoryExit: 0 });
    expect(await diary.read()).toEqual(["cleanup", "inventory", "release"]);
    expect(told).toContainEqual({ kind: "finished", result, unwritten });
  });
});

describe("a watchdog that hears nothing more", () => {
  it.each(["ttl-expired", "heartbeat-stale"] as const)("ends the run by itself: %s", async (reason) => {
    const { dog, job, diary } = watched(reason === "ttl-expired" ? { ttl: 20 } : { stale: 20 });
    dog.obey({ kind: "drive", argv: [...forever] });
    const { result } = await endOf(dog);
    expect(result).toMatchObject({
      ...{ status: "fail", classification: "infra_failure" },
      watchdogAbort: { reason, runId: job.runId, triggeredAt: at },
    });
    expect(await diary.read()).toEqual(["cleanup", "inventory", "release"]);
    expect(await processesWith(`WATCHDOG_TEST=${job.runId}`, [process.pid])).toEqual([]);
  });

  it("is kept waiting by signs of life, and by nothing else", async () => {
    vi.useFakeTimers();
    const abort = vi.spyOn(Watchdog.prototype, "abort");
    const { dog } = watched({ stale: 1_000 });
    for (let beat = 0; beat < 5; beat++) {
      vi.advanceTimersByTime(999);
      dog.obey({ kind: "beat" });
    }
    expect(abort).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    expect(abort).toHaveBeenCalledExactlyOnceWith("heartbeat-stale");
    vi.useRealTimers();
    await dog.ended;
  });

  it("waits for a freeze that is just being taken, and gives it back", async () => {
    const taking = Promise.withResolvers<void>();
    const { dog, diary } = watched({}, { take: () => taking.promise });
    dog.obey({ kind: "freeze" });
    dog.abort("parent-gone");
    expect(await diary.read()).toEqual([]);
    taking.resolve();
    await dog.ended;
    expect(await diary.read()).toEqual(["cleanup", "inventory", "release"]);
  });

  it("tells why there is no freeze to be had", async () => {
    const { dog, told, heard } = watched({}, { take: () => Promise.reject(new Error("held by another")) });
    dog.obey({ kind: "freeze" });
    await heard("frozen");
    expect(told).toContainEqual({ kind: "frozen", refused: "Error: held by another" });
    dog.obey({ kind: "conclude", verdict: verdict("preflight_failure") });
    await dog.ended;
  });
});

describe("the end of a run", () => {
  it("is begun only once, whoever comes second", async () => {
    const diary = new Diary();
    const job = jobOf(diary);
    const closing = { release: () => diary.note("release"), now: () => new Date(at) };
    const past = { verdict: verdict("none"), driverExit: 0, watchdogPid: 1, abort: null };
    const both = await Promise.all([endRun(job, past, closing), endRun(job, past, closing)]);
    expect(both.filter((result) => result !== undefined)).toHaveLength(1);
    expect(await diary.read()).toEqual(["cleanup", "inventory", "release"]);
    // A watchdog that was lost on the way is stood in for, without doing again what it has begun.
    const alone = await endAlone(job, { pid: 1, driver: undefined }, closing);
    expect(alone.result).toMatchObject({ cleanupExit: -1, watchdogAbort: { reason: "watchdog-gone" } });
    expect(await diary.read()).toEqual(["cleanup", "inventory", "release", "release"]);
  });

  it("without a watchdog ends its command too", async () => {
    const diary = new Diary();
    const job = jobOf(diary);
    const log = join(folder, `${job.runId}.log`);
    const { signal } = new AbortController();
    const driver = startGroup(forever, { env: job.env, log, signal });
    const closing = { release: async () => undefined, now: () => new Date(at) };
    const { result } = await endAlone(job, { pid: undefined, driver: driver.pid }, closing);
    expect(result).toMatchObject({ classification: "infra_failure", cleanupExit: 0, watchdogPid: null });
    expect(await driver.ended).toBe(143);
  });
});

describe("a watchdog's process", () => {
  it("that is killed is noticed, and its run ended by whoever asked for it", async () => {
    const diary = new Diary();
    const job = jobOf(diary, { evidence: await mkdtemp(join(folder, "evidence-")) });
    await using leash = new Leash(job, 1_000);
    const driving = leash.drive([...forever]);
    driving.catch(() => undefined);
    await expect.poll(() => leash.driver, { timeout: 60_000 }).toBeDefined();
    process.kill(leash.pid ?? 0, "SIGKILL");
    await expect(leash.finished()).rejects.toThrow(WatchdogLost);
    const closing = { release: () => diary.note("release"), now: () => new Date(at) };
    const { result } = await endAlone(job, leash, closing);
    expect(result).toMatchObject({ watchdogPid: leash.pid, watchdogAbort: { reason: "watchdog-gone" } });
    expect(await diary.read()).toEqual(["cleanup", "inventory", "release"]);
    expect(await processesWith(`WATCHDOG_TEST=${job.runId}`, [process.pid])).toEqual([]);
  });

  it.each([
    ["SIGKILL", "parent-gone"],
    ["SIGSTOP", "heartbeat-stale"],
  ] as const)("survives its parent's %s and ends the run: %s", async (signal, reason) => {
    const diary = new Diary();
    const evidence = await mkdtemp(join(folder, "evidence-"));
    const job = jobOf(diary, { evidence, stale: 5_000 });
    const parent = execa(process.execPath, [fixture("programs/hold-leash.ts"), JSON.stringify(job)], {
      ...{ reject: false, stdio: "ignore", detached: false },
    });
    const log = join(evidence, "qualification.log");
    const eventually = { timeout: 60_000 };
    await expect.poll(() => readFile(log, "utf8").catch(() => ""), eventually).toContain("begun");
    parent.kill(signal);
    await expect
      .poll(() => written(job).catch(() => undefined), eventually)
      .toMatchObject({
        ...{ classification: "infra_failure", driverExit: 143, cleanupExit: 0, inventoryExit: 0 },
        watchdogAbort: { reason },
      });
    parent.kill("SIGKILL");
    await parent;
    expect(await diary.read()).toEqual(["cleanup", "inventory"]);
    const left = () => processesWith(`WATCHDOG_TEST=${job.runId}`, [process.pid]);
    await expect.poll(left, eventually).toEqual([]);
  });
});
