// Repairs by the engine: the whole stack brought to its declaration, or dead machines made anew.
import { Unreadable } from "../check/unreadable.ts";
import { type Events, union } from "../engine/changes.ts";
import type { Recorded } from "../engine/checkpoint.ts";
import { holderOf, lockIn } from "../engine/lock.ts";
import { EngineFailure, type OperationOptions, operate } from "../engine/operation.ts";
import type { Run } from "../environment/run.ts";
import { command } from "../pulumi/command.ts";
import type { Means, Subject } from "./subject.ts";

/** What the engine did. */
export type Applied = Pick<Events, "changes" | "done" | "failed" | "complete"> & {
  /** When its run was over. */
  readonly at: Date;
};

/** Who tags the repair, and whether there is a stack to repair. */
export type ConvergeOptions = { readonly run: Run; readonly provisioned: boolean };

/** Brings a substrate to its declaration. What could not be carried out is missing from `done`; it does not throw. */
export async function converge(
  subject: Subject,
  means: Means,
  { run, provisioned }: ConvergeOptions,
): Promise<Applied> {
  means.progress({ kind: "phase", text: `repairing ${subject.stack} as ${run.id}` });
  return settle(subject, means, async () => {
    if (!provisioned) await createStack(subject, means);
    return upAround(subject, means, run);
  });
}

/**
 * The engine ends with the first resource that it can not bring to its declaration, and leaves all others as they are. So it
 * is run again without that one, for as long as this gets anything done. Where one can not be created, this is of no help:
 * 3.255 refuses to leave out what its refresh did not find.
 */
async function upAround(subject: Subject, means: Means, run: Run): Promise<Done> {
  const exclude = new Set<string>();
  let all = nothing;
  for (;;) {
    try {
      return both(all, await up(subject, means, { run, exclude: [...exclude] }));
    } catch (error) {
      tellFailure(subject, means, error);
      const until = doneUntil(error);
      all = both(all, until);
      const inTheWay = inTheWayOf(until).filter((urn) => !exclude.has(urn));
      const isStuck = exclude.size > 0 && until.done.size === 0;
      if (means.signal.aborted || inTheWay.length === 0 || isStuck) return all;
      means.debug(`${subject.stack}: once more without ${inTheWay.join(", ")}`);
      for (const urn of inTheWay) exclude.add(urn);
    }
  }
}

/** What failed, and what was to be replaced and is not whole: nothing may be set on what it was. */
function inTheWayOf({ changes, done, failed }: Done): readonly string[] {
  const halfway = changes.filter(({ action, urn }) => action === "replace" && !done.has(urn));
  return [...new Set([...failed, ...halfway.map(({ urn }) => urn)])];
}

function both(first: Done, second: Done): Done {
  return {
    changes: union(first.changes, second.changes),
    done: new Set([...first.done, ...second.done]),
    failed: new Set([...first.failed, ...second.failed]),
    complete: second.complete,
  };
}

/** Makes resources anew with everything that can not be without them, and touches nothing else; as {@link converge}. */
export async function replace(
  subject: Subject,
  means: Means,
  resources: readonly Recorded[],
): Promise<Applied> {
  const names = resources.map(({ name }) => name).join(", ");
  means.progress({ kind: "phase", text: `making anew in ${subject.stack}: ${names}` });
  return settle(subject, means, () => up(subject, means, { replace: resources.map(({ urn }) => urn) }));
}

type Done = Omit<Applied, "at">;

/** What an engine did that never ran. */
export const nothing: Done = { changes: [], done: new Set(), failed: new Set(), complete: false };

async function settle(subject: Subject, means: Means, work: () => Promise<Done>): Promise<Applied> {
  try {
    return { ...(await work()), at: new Date() };
  } catch (error) {
    tellFailure(subject, means, error);
    return { ...doneUntil(error), at: new Date() };
  }
}

function tellFailure({ stack }: Subject, means: Means, error: unknown): void {
  means.debug(String(error));
  const lock = lockIn(String(error));
  if (lock !== undefined) means.progress({ kind: "note", text: `${stack} is locked by ${holderOf(lock)}` });
}

function doneUntil(error: unknown): Done {
  return error instanceof EngineFailure ? { ...error.events, complete: false } : nothing;
}

async function up(
  { stack }: Subject,
  means: Means,
  what: Pick<OperationOptions, "run" | "replace" | "exclude">,
): Promise<Done> {
  const operation = operate({ operation: "up", stack, ...what, ...means });
  operation.release();
  return operation.ended;
}

async function createStack({ stack }: Subject, means: Means): Promise<void> {
  const result = await command(["stack", "init", stack, "--no-select"], means);
  if (result.exitCode !== 0) throw new Unreadable("engine", result.stderr);
}
