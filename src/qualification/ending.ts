// The end of a run, whoever brings it about: cleanup, inventory, the freeze released, the result written; each once.
import { open } from "node:fs/promises";
import { join } from "node:path";
import { Problem } from "../environment/problem.ts";
import { writeWhole } from "../manifest/file.ts";
import { type Argv, endGroup, startGroup } from "./group.ts";
import type { Job } from "./messages.ts";
import { type Abort, notRun, type QualificationResult, qualificationResult, type Verdict } from "./result.ts";

/** What had happened when the end began. */
export type Past = {
  readonly verdict: Verdict;
  readonly driverExit: number;
  readonly watchdogPid: number | null;
  readonly abort: Abort | null;
};

/** What an end takes; in tests the freeze is somebody else's. */
export type Closing = {
  /** Gives the freeze back where this run holds it. Throws where that could not be done. */
  readonly release: () => Promise<void>;
  readonly now: () => Date;
};

/** Longer than any inventory takes, in ms. */
const deadline = 15 * 60_000;

/** A result, and why it could not be written down where that is so. */
export type Ended = { readonly result: QualificationResult; readonly unwritten?: string | undefined };

/** Ends a run; none where somebody else has begun to end it. */
export async function endRun(job: Job, past: Past, closing: Closing): Promise<Ended | undefined> {
  if (!(await claim(job))) return undefined;
  // A run that was refused at the door has left nothing behind.
  const began = past.verdict.classification !== "preflight_failure";
  const cleanupExit = began ? await run(job, "cleanup", job.cleanup) : notRun;
  const inventoryExit = began ? await run(job, "inventory", job.inventory) : notRun;
  return concludeRun(job, { ...past, cleanupExit, inventoryExit }, closing);
}

/** What a lost watchdog was, and the group of the command that it ran; none where it got not so far. */
type Lost = { readonly pid: number | undefined; readonly driver: number | undefined };

/** Ends a run whose watchdog is no more. What that has begun, and left its mark of, is not begun again. */
export async function endAlone(job: Job, { pid, driver }: Lost, closing: Closing): Promise<Ended> {
  if (driver !== undefined) await endGroup(driver);
  const triggeredAt = closing.now().toISOString();
  const summary = "the watchdog ended before the run did";
  const check = { name: "run.watchdog", result: "blocked" as const, checkedAt: triggeredAt, summary };
  const verdict: Verdict = { classification: "infra_failure", checks: [check] };
  const abort = { reason: "watchdog-gone" as const, runId: job.runId, triggeredAt };
  const past = { verdict, driverExit: notRun, watchdogPid: pid ?? null, abort };
  const ended = await endRun(job, past, closing);
  return ended ?? concludeRun(job, { ...past, cleanupExit: notRun, inventoryExit: notRun }, closing);
}

/** Releases the freeze and writes the result, for a run whose cleanup and inventory are over or were begun by others. */
async function concludeRun(
  job: Job,
  past: Past & Pick<QualificationResult, "cleanupExit" | "inventoryExit">,
  { release, now }: Closing,
): Promise<Ended> {
  const released = await release().then(
    () => true,
    () => false,
  );
  return writeResult(job.out, resultOf(job, past, { released, at: now().toISOString() }));
}

/** Writes a result, whole or not at all. */
export async function writeResult(path: string, result: QualificationResult): Promise<Ended> {
  const text = `${JSON.stringify(qualificationResult.parse(result), undefined, 2)}\n`;
  try {
    await writeWhole(path, text, { subject: `result ${path}` });
    return { result };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { result, unwritten: error.message };
  }
}

/**
 * Whoever makes the file ends the run: a second cleanup could take away what a first one left on purpose. Where none can be
 * made, as on a full disk, the run must end all the same.
 */
async function claim({ evidence, runId }: Job): Promise<boolean> {
  try {
    await using file = await open(join(evidence, `${runId}.ending`), "wx", 0o600);
    await file.sync();
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "EEXIST");
  }
}

/** By the names that consumers' own commands know. */
async function run(
  { runId, evidence, env }: Job,
  what: "cleanup" | "inventory",
  argv: Argv,
): Promise<number> {
  const log = join(evidence, `${what}.log`);
  const signal = AbortSignal.timeout(deadline);
  return startGroup([...argv, "--run-id", runId, "--evidence-dir", evidence], { env, log, signal }).ended;
}

type End = { readonly released: boolean; readonly at: string };

function resultOf(
  { runId, manifestId, release, startedAt }: Job,
  past: Parameters<typeof concludeRun>[1],
  { released, at }: End,
): QualificationResult {
  const { verdict, driverExit, cleanupExit, inventoryExit, watchdogPid, abort } = past;
  const left = [cleanupExit, inventoryExit].some((exit) => exit !== 0 && exit !== notRun);
  // What is left behind, or not as declared, is a defect of the substrate, whatever the product did.
  const whole = !left && abort === null;
  const classification = whole ? verdict.classification : "infra_failure";
  const ended = [
    { name: "freeze.released", wrong: !released, summary: "it ends by itself at its time" },
    { name: "run.cleanup", wrong: ![0, notRun].includes(cleanupExit), summary: "the cleanup command failed" },
    {
      name: "run.inventory",
      wrong: ![0, notRun].includes(inventoryExit),
      summary: "the inventory command did not find exactly what is declared",
    },
  ].flatMap(({ name, wrong, summary }) =>
    wrong ? [{ name, result: "blocked" as const, checkedAt: at, summary }] : [],
  );
  return {
    schemaVersion: "release-qualification-result/v1",
    ...{ runId, certificationManifestId: manifestId, release },
    status: classification === "none" ? "pass" : "fail",
    ...{ classification, startedAt, finishedAt: at, driverExit, cleanupExit, inventoryExit },
    ...{ watchdogPid, watchdogAbort: abort, checks: [...verdict.checks, ...ended] },
  };
}
