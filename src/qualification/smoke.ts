// A qualification from its door to its result.
import { mkdir } from "node:fs/promises";
import { Problem } from "../environment/problem.ts";
import { newRun } from "../environment/run.ts";
import { type Admitted, admit } from "./door.ts";
import { type Ended, endAlone, writeResult } from "./ending.ts";
import { releaseFreeze } from "./freeze.ts";
import { judgeRun } from "./judge.ts";
import { Leash, WatchdogLost } from "./leash.ts";
import type { Job } from "./messages.ts";
import { own, variables } from "./own.ts";
import { planFile } from "./plan.ts";
import type { SmokeMeans, SmokeRequest } from "./request.ts";
import { notRun } from "./result.ts";

/** Qualifies a release and gives the result, whatever it is, which is written where that can be done. */
export async function smoke(request: SmokeRequest, means: SmokeMeans): Promise<Ended> {
  const startedAt = new Date().toISOString();
  const runId = newRun(new Date()).id.replace(/^run-/, "smoke-");
  means.say(`preflight of ${request.certifications.join(" and ")}`);
  const admitted = await admit(request, means);
  if ("refusals" in admitted) {
    const { manifestId, refusals: checks } = admitted;
    const result = {
      schemaVersion: "release-qualification-result/v1" as const,
      ...{ runId, certificationManifestId: manifestId, release: request.release },
      ...{ status: "fail" as const, classification: "preflight_failure" as const },
      ...{ startedAt, finishedAt: new Date().toISOString() },
      ...{ driverExit: notRun, cleanupExit: notRun, inventoryExit: notRun },
      ...{ watchdogPid: null, watchdogAbort: null, checks: [...checks] },
    };
    return writeResult(request.out, result);
  }
  await makeFolder(request.evidence);
  return underWatch(jobOf(request, means, { admitted, runId, startedAt }), { request, means, admitted });
}

/** Throws `Problem` where there can be no such folder. */
async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    const expected = "a folder that can be made and written to";
    throw new Problem(
      { subject: `--evidence-dir ${path}`, expected, remedy: "name another folder" },
      { cause },
    );
  });
}

type Scene = {
  readonly request: SmokeRequest;
  readonly means: SmokeMeans;
  readonly admitted: Admitted;
};

/** The watchdog ends the run; where it is lost itself, that is done here. */
async function underWatch(job: Job, { request, means, admitted }: Scene): Promise<Ended> {
  await using leash = new Leash(job, request.heartbeat);
  const over = new AbortController();
  const signal = AbortSignal.any([means.signal, over.signal]);
  const judging = judgeRun({ job, request, admitted, leash, means: { ...means, signal } });
  try {
    // A watchdog that ends the run by itself does not wait for what is still being judged.
    const first = await Promise.race([judging, leash.finished()]);
    if ("result" in first) return first;
    means.say("ending the run: cleanup, inventory, the freeze given back");
    leash.conclude(first);
    return await leash.finished();
  } catch (error) {
    if (!(error instanceof WatchdogLost)) throw error;
    return await endAlone(job, leash, { release: () => releaseFreeze(job), now: () => new Date() });
  } finally {
    over.abort();
    await judging.catch(() => undefined);
  }
}

type Identity = { readonly admitted: Admitted; readonly runId: string; readonly startedAt: string };

function jobOf(
  { release, out, evidence, ttl, stale, commands }: SmokeRequest,
  { engine, project }: SmokeMeans,
  { admitted: { environment, topology, providers, manifestId }, runId, startedAt }: Identity,
): Job {
  const [cleanup, inventory] = [commands.cleanup ?? own("cleanup"), commands.inventory ?? own("inventory")];
  return {
    ...{ kind: "job", runId, environment, release, manifestId, startedAt },
    ...{ out, evidence, engine, project, ttl, stale },
    cleanup: [...cleanup],
    inventory: [...inventory],
    env: {
      [variables.environment]: environment,
      [variables.topology]: topology,
      [variables.providers]: providers.join(","),
      [variables.engine]: engine,
      [variables.plan]: planFile({ evidence, runId }),
    },
  };
}
