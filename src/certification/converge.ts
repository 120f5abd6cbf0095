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
    return upWithout(subject, means, { run, exclude: [] });
  });
}

type Convergence = Required<Pick<OperationOptions, "exclude">> & Pick<ConvergeOptions, "run">;

/**
 * The engine ends with the first resource that it can not bring to its declaration, and leaves all others as they are. So it
 * is run again without that one, for as long as this gets anything done.
 */
async function upWithout(subject: Subject, means: Means, { run, exclude }: Convergence): Promise<Done> {
  try {
    return await up(subject, means, { run, exclude });
  } catch (error) {
    if (!(error instanceof EngineFailure) || means.signal.aborted) throw error;
    const { changes, done, failed } = error.events;
    const inTheWay = [...failed].filter((urn) => !exclude.includes(urn));
    const isStuck = exclude.length > 0 && done.size === 0;
    if (inTheWay.length === 0 || isStuck) throw error;
    means.debug(`${error} — once more without ${inTheWay.join(", ")}`);
    const rest = await upWithout(subject, means, { run, exclude: [...exclude, ...inTheWay] }).catch(eventsOf);
    return {
      changes: union(changes, rest.changes),
      done: new Set([...done, ...rest.done]),
      failed: new Set([...failed, ...rest.failed]),
      complete: rest.complete,
    };
  }
}

/** What had been done until an engine failed. Throws whatever else went wrong. */
function eventsOf(error: unknown): Done {
  if (error instanceof EngineFailure) return error.events;
  throw error;
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

async function settle({ stack }: Subject, means: Means, work: () => Promise<Done>): Promise<Applied> {
  try {
    return { ...(await work()), at: new Date() };
  } catch (error) {
    means.debug(String(error));
    const lock = lockIn(String(error));
    if (lock !== undefined) means.progress({ kind: "note", text: `${stack} is locked by ${holderOf(lock)}` });
    return { ...(error instanceof EngineFailure ? error.events : nothing), at: new Date() };
  }
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
