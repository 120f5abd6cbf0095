// The run's own freeze: taken for as long as the run may take, given back when it is over.
import { setTimeout as pause } from "node:timers/promises";
import { recordedFreeze } from "../freeze.ts";
import { record } from "../ledger/ledger.ts";
import type { Job } from "./messages.ts";

/** How much longer than the run a freeze lasts where nobody gives it back, in ms: its cleanup and inventory. */
const margin = 30 * 60_000;

/** For a backend that is slow or locked, in ms. */
const deadline = 3 * 60_000;

type Held = Pick<Job, "environment" | "runId" | "release" | "engine" | "project" | "ttl">;

/**
 * Freezes the environment for this run.
 * @throws Unreadable where that could not be done; also because another run holds it
 */
export async function takeFreeze(
  { environment, runId, release, ttl, ...asking }: Held,
  now: Date,
): Promise<void> {
  const until = new Date(now.getTime() + lastingOf(ttl)).toISOString();
  const freeze = { runId, release, since: now.toISOString(), until };
  await record(environment, { freeze }, meansOf(asking));
}

/**
 * Gives the freeze back where this run holds it, and leaves another's alone. Tried again while somebody else writes.
 * @throws Unreadable where it could not be done
 */
export async function releaseFreeze({ environment, runId, ...asking }: Held): Promise<void> {
  const means = meansOf(asking);
  for (let wait = 500; ; wait *= 2) {
    try {
      // Whatever the time of day: a clock may go wrong, and be put right.
      const held = await recordedFreeze(environment, means);
      if (held?.runId === runId) await record(environment, { freeze: { releasedBy: runId } }, means);
      return;
    } catch (error) {
      if (wait > 16_000 || means.signal.aborted) throw error;
      await pause(wait);
    }
  }
}

/** Milliseconds after which the freeze of a run with that time to live ends by itself. */
export function lastingOf(ttl: number): number {
  return ttl + margin;
}

/** Where it could not be given back when the run ended: tried now and then, with so many ms between, until it is. */
export async function releaseLater(
  release: () => Promise<void>,
  { between, signal }: { readonly between: number; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    try {
      return await release();
    } catch {
      await pause(between, undefined, { signal }).catch(() => undefined);
    }
  }
}

function meansOf({ engine, project }: Pick<Held, "engine" | "project">) {
  return { engine, project, signal: AbortSignal.timeout(deadline), debug: () => undefined };
}
