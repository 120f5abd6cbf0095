// Repairs by the engine: the whole stack brought to its declaration, or dead machines made anew.
import { Unreadable } from "../check/unreadable.ts";
import type { Change } from "../engine/changes.ts";
import type { Recorded } from "../engine/checkpoint.ts";
import { holderOf, lockIn } from "../engine/lock.ts";
import { EngineFailure, type OperationOptions, operate } from "../engine/operation.ts";
import type { Run } from "../environment/run.ts";
import { command } from "../pulumi/command.ts";
import type { Means, Subject } from "./subject.ts";

/** What an engine run did. */
export type Applied = {
  readonly changes: readonly Change[];
  /** URNs whose operations ended well. */
  readonly done: ReadonlySet<string>;
  /** When the run was over. */
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
    return up(subject, means, { run });
  });
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

type Done = Pick<Applied, "changes" | "done">;
const nothing: Done = { changes: [], done: new Set() };

async function settle({ stack }: Subject, means: Means, work: () => Promise<Done>): Promise<Applied> {
  try {
    return { ...(await work()), at: new Date() };
  } catch (error) {
    means.debug(String(error));
    const lock = lockIn(String(error));
    if (lock !== undefined) means.progress({ kind: "note", text: `${stack} is locked by ${holderOf(lock)}` });
    const { changes, done } = error instanceof EngineFailure ? error.events : nothing;
    return { changes, done, at: new Date() };
  }
}

async function up(
  { stack }: Subject,
  means: Means,
  what: Pick<OperationOptions, "run" | "replace">,
): Promise<Done> {
  const operation = operate({ operation: "up", stack, ...what, ...means });
  operation.release();
  return operation.ended;
}

async function createStack({ stack }: Subject, means: Means): Promise<void> {
  const result = await command(["stack", "init", stack, "--no-select"], means);
  if (result.exitCode !== 0) throw new Unreadable("engine", result.stderr);
}
