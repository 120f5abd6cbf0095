// Repair: one convergent engine run over the whole stack of a substrate, tagged with the release run.
import { Unreadable } from "../check/unreadable.ts";
import type { Change } from "../engine/changes.ts";
import { command } from "../engine/command.ts";
import { EngineFailure, operate } from "../engine/operation.ts";
import type { Run } from "../environment/run.ts";
import type { Means, Subject } from "./subject.ts";

/** What a converging run did. */
export type Applied = {
  readonly changes: readonly Change[];
  /** URNs whose operations ended well. */
  readonly done: ReadonlySet<string>;
  /** When the run was over. */
  readonly at: Date;
};

/** Brings a substrate to its declaration. What could not be carried out is missing from `done`; it does not throw. */
export async function converge(subject: Subject, means: Means, asked: ConvergeOptions): Promise<Applied> {
  const { run } = asked;
  means.progress({ kind: "phase", text: `repairing ${subject.stack} as ${run.id}` });
  try {
    if (!asked.provisioned) await createStack(subject, means);
    return { ...(await up(subject, means, run)), at: new Date() };
  } catch (error) {
    means.debug(String(error));
    const { changes, done } = error instanceof EngineFailure ? error.events : nothing;
    return { changes, done, at: new Date() };
  }
}

const nothing: Pick<Applied, "changes" | "done"> = { changes: [], done: new Set() };

/** Who tags the repair, and whether there is a stack to repair. */
export type ConvergeOptions = { readonly run: Run; readonly provisioned: boolean };

async function up(subject: Subject, means: Means, run: Run): Promise<Pick<Applied, "changes" | "done">> {
  const operation = operate({ operation: "up", stack: subject.stack, run, ...means });
  operation.release();
  return operation.ended;
}

async function createStack({ stack }: Subject, means: Means): Promise<void> {
  const result = await command(["stack", "init", stack, "--no-select"], means);
  if (result.exitCode !== 0) throw new Unreadable("engine", result.stderr);
}
