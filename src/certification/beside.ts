// Sight without a look: provider functions by a program that begins with the first question and ends with the scope.
import type { Answer, Check } from "../check/check.ts";
import { type CheckKey, keyOf } from "../check/key.ts";
import type { Outcome } from "../check/outcome.ts";
import { runChecks } from "../check/run.ts";
import { Unreadable, unseen } from "../check/unreadable.ts";
import { type Checkpoint, idIn, seeCheckpoint } from "../engine/checkpoint.ts";
import { type Operation, operate } from "../engine/operation.ts";
import type { Run } from "../environment/run.ts";
import type { Sight } from "../substrates/substrate.ts";
import type { Means, Opened } from "./subject.ts";

/** What is asked, of a stack as it was last known, about the things of a run. */
export type Question = {
  readonly checkpoint: Checkpoint | undefined;
  readonly run: Run | undefined;
  readonly plan: (sight: Sight) => readonly Check[];
};

/** Runs what is planned, and nothing beside it: no drift, no host keys, no repair that follows. */
export async function askBeside(
  { stack }: Opened,
  means: Means,
  { checkpoint, run, plan }: Question,
): Promise<readonly Answer[]> {
  await using closing = new AsyncDisposableStack();
  const idOf: Sight["idOf"] = (resource) => idIn(checkpoint, resource);
  // Awaited: what is returned unawaited outlives what it works with.
  return await runChecks(plan({ ...sightBeside(stack, means, closing), run, idOf }), {
    signal: means.signal,
    onStart: () => undefined,
    onAnswer: (_answer, error) => error !== undefined && means.debug(String(error)),
  });
}

/** One of a substrate's checks, run with what it stands behind. */
export async function askOne(subject: Opened, means: Means, wanted: CheckKey): Promise<Outcome> {
  const checkpoint = await seeCheckpoint(subject.stack, means);
  if (checkpoint instanceof Unreadable) return unseen(checkpoint);
  const plan = (sight: Sight) => leadingTo(wanted, subject.inspection.plan(sight));
  const answers = await askBeside(subject, means, { checkpoint, run: checkpoint?.run, plan });
  const answer = answers.find(({ check }) => keyOf(check) === wanted);
  if (answer === undefined) throw new TypeError(`${wanted} is not planned`);
  return answer;
}

/** A check and everything that must pass before it. */
function leadingTo(wanted: CheckKey, planned: readonly Check[]): readonly Check[] {
  const needed = new Set<CheckKey>([wanted]);
  for (const check of planned.toReversed())
    if (needed.has(keyOf(check))) for (const gate of check.after) needed.add(gate);
  return planned.filter((check) => needed.has(keyOf(check)));
}

function sightBeside(
  stack: string,
  means: Means,
  closing: AsyncDisposableStack,
): Omit<Sight, "run" | "idOf"> {
  let asking: Operation | undefined;
  const over = new AbortController();
  closing.defer(async () => {
    // Nobody waits for what the engine makes of the rest.
    over.abort();
    await asking?.ended.catch((error: unknown) => means.debug(String(error)));
  });
  const signal = AbortSignal.any([means.signal, over.signal]);
  return {
    invoke: (token, args, until) => {
      asking ??= operate({ operation: "ask", stack, ...means, signal });
      return asking.invoke(token, args, until);
    },
    hostKeys: { recorded: unknown, note: () => undefined, met: () => undefined },
    edge: ({ endpoint }) => unknown(endpoint),
    repair: false,
    debug: means.debug,
    closing,
  };
}

const unknown = (endpoint: string): never => {
  throw new Unreadable("no-record", endpoint);
};
