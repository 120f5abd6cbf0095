// One look at one substrate: the engine's preview and all checks, side by side.
import type { Answer, Check } from "../check/check.ts";
import { keyOf } from "../check/key.ts";
import { runChecks } from "../check/run.ts";
import { Unreadable } from "../check/unreadable.ts";
import type { Change, Events } from "../engine/changes.ts";
import { type Checkpoint, idIn } from "../engine/checkpoint.ts";
import { EngineFailure, type Operation, operate } from "../engine/operation.ts";
import { parseStack, stackOf } from "../environment/stack.ts";
import type { Met } from "../probes/guest.ts";
import { driftCheck } from "./drift.ts";
import type { KeysByEndpoint, KnownKeys } from "./hostkeys.ts";
import { Standstill, steadied } from "./still.ts";
import type { Means, Subject } from "./subject.ts";

/** What one look came to. */
export type Look = {
  readonly answers: readonly Answer[];
  /** What differs from the declaration; none where the engine could not tell or nothing was ever provisioned. */
  readonly changes: readonly Change[];
  /** Whether the engine compared all that is declared: then what is not among the changes is as declared. */
  readonly compared: boolean;
  /** The stack's checkpoint; none where there is no such stack. */
  readonly checkpoint: Checkpoint | undefined;
  /** What endpoints are known by, as their host tells. */
  readonly hostKeys: KeysByEndpoint;
  /** Who was logged in to. */
  readonly met: readonly Met[];
};

/** Looks, without writing anything anywhere. */
export async function look(subject: Subject, means: Means, known: KnownKeys): Promise<Look> {
  await using closing = new AsyncDisposableStack();
  const beginning = Standstill.begin(subject.stack, means);
  const abroad = stacksAbroad(subject).map((stack) => Standstill.begin(stack, means));
  const over = new AbortController();
  const preview = startPreview(subject, means, { beginning, over: over.signal });
  closing.defer(async () => {
    // Ended already where the drift was told; one that nobody waits for any more must not hold up the run.
    over.abort();
    await preview.ended.catch(() => undefined);
  });
  const still = await beginning;
  const { before } = still;
  const checkpoint = checkpointIn(before);
  const hostKeys = known.during(checkpoint?.resources ?? []);
  const run = checkpoint?.run;
  const { invoke } = preview;
  const { repair, edge } = subject;
  const idOf = (resource: string) => idIn(checkpoint, resource);
  const sight = { invoke, run, idOf, edge, hostKeys: hostKeys.keys, repair, debug: means.debug, closing };
  const groundOf = ({ component }: Check) => [beginning, ...(component === "cross-substrate" ? abroad : [])];
  const planned = subject.inspection.plan(sight);
  const checks = planned.map((check) => steadied(check, groundOf(check), means.debug));
  let changes: readonly Change[] = [];
  let compared = false;
  const drift = driftCheck(subject.substrate.name, gatesOf(checks), async () => {
    if (before instanceof Unreadable) throw before;
    if (before === undefined) return undefined;
    await still.refuseLocked();
    const events = await preview.ended.catch((error: unknown) => refusedChange(error, before));
    await still.refuseLocked();
    await still.demand();
    changes = events.changes;
    compared = events.complete;
    return events;
  });
  const answers = await runAll([...checks, drift], { drift, preview, means });
  return { answers, changes, compared, checkpoint, hostKeys: hostKeys.noted(), met: hostKeys.met };
}

/** Those that its flows lead to. */
function stacksAbroad({ open, stack }: Subject): readonly string[] {
  const { environment } = parseStack(stack);
  const stacks = (open.abroad ?? []).map(({ substrate }) => stackOf({ environment, substrate }));
  return [...new Set(stacks)];
}

/** None where there is no such stack, or nobody can tell. */
function checkpointIn(seen: Standstill["before"]): Checkpoint | undefined {
  return seen instanceof Unreadable ? undefined : seen;
}

type Previewed = { readonly beginning: Promise<Standstill>; readonly over: AbortSignal };

/** Where there is no stack, or nobody can tell, the same program is previewed for its provider functions alone. */
function startPreview({ stack, config }: Subject, means: Means, { beginning, over }: Previewed): Operation {
  const signal = AbortSignal.any([means.signal, over]);
  const aside = beginning.then(({ before }) => (checkpointIn(before) === undefined ? config : undefined));
  return operate({ operation: "preview", stack, config: aside, ...means, signal });
}

/** What the drift waits for: what everything else of the substrate waits for. */
function gatesOf(checks: readonly Check[]): Check["after"] {
  const waitedFor = checks.filter(({ target }) => target === undefined).flatMap(({ after }) => after);
  const gates = checks.filter((check) => check.target === undefined && waitedFor.includes(keyOf(check)));
  return gates.map(keyOf);
}

/**
 * The preview ends with an error where something that is kept must be replaced, or something adopted is not there: that
 * too is a difference.
 */
function refusedChange(error: unknown, before: Checkpoint | undefined): Events {
  const kept = new Set(before?.resources.flatMap(({ urn, kept }) => (kept ? urn : [])));
  const refused = ({ action, urn }: Change) => action === "absent" || (action === "replace" && kept.has(urn));
  if (error instanceof EngineFailure && error.events.changes.some(refused)) return error.events;
  throw error;
}

type Running = { readonly drift: Check; readonly preview: Operation; readonly means: Means };

async function runAll(
  checks: readonly Check[],
  { drift, preview, means }: Running,
): Promise<readonly Answer[]> {
  const started = new Map<Check, number>();
  let open = checks.filter((check) => check !== drift).length;
  const answers = await runChecks(checks, {
    signal: means.signal,
    onStart: (check) => {
      started.set(check, performance.now());
      means.progress({ kind: "started", check: check.id, target: check.target });
    },
    onAnswer: (answer, error) => {
      const { check, result, summary } = answer;
      const since = started.get(check);
      const ms = since === undefined ? 0 : performance.now() - since;
      if (error !== undefined) means.debug(`${keyOf(check)}: ${describe(error)}`);
      const gated = since === undefined;
      means.progress({ kind: "answered", check: check.id, target: check.target, result, summary, gated, ms });
      if (check !== drift) open -= 1;
      // The preview's program stays for provider functions until no check is left that could ask for one.
      if (open === 0) preview.release();
    },
  });
  return answers;
}

function describe(error: unknown): string {
  return error instanceof Error
    ? `${error.stack}${error.cause === undefined ? "" : ` ⟵ ${describe(error.cause)}`}`
    : String(error);
}
