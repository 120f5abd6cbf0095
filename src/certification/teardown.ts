// Takes a substrate away: unprotects and destroys its stack, then proves by the provider's own lists that nothing is left.
import type { Answer, Check } from "../check/check.ts";
import { blocked, fail, type Outcome, pass, type Sentence, say } from "../check/outcome.ts";
import { Unreadable, unseen } from "../check/unreadable.ts";
import { type Checkpoint, seeCheckpoint } from "../engine/checkpoint.ts";
import { operate } from "../engine/operation.ts";
import type { Run } from "../environment/run.ts";
import { parseStack } from "../environment/stack.ts";
import { command } from "../pulumi/command.ts";
import type { Sight } from "../substrates/substrate.ts";
import { askBeside } from "./beside.ts";
import { holdOn } from "./held.ts";
import type { Means, Opened } from "./subject.ts";

/** What became of a substrate; a pass is a proven nothing. */
export type TornDown = Outcome & {
  readonly stack: string;
  /** Logical names of what was there before us, and stays. */
  readonly kept: readonly string[];
};

/** How long what was destroyed may still be seen, in ms: volumes, instances that shut down, lists that are late. */
const patience = 10 * 60_000;

/** Takes one substrate away. `run`: of a stack that tells none any more, to prove once more what is gone. */
export async function tearDown(
  { stack, ...subject }: Opened,
  means: Means,
  run: Run | undefined,
): Promise<TornDown> {
  const before = await seeCheckpoint(stack, means);
  if (before instanceof Unreadable) return { stack, kept: [], ...unseen(before) };
  const told = before?.run ?? run;
  const kept = before?.resources.flatMap(({ name, adopted }) => (adopted ? name : [])) ?? [];
  if (told === undefined) return { stack, kept, ...blocked(say`no run is known, so nothing can be proven`) };
  const scene = { subject: { ...subject, stack }, means, run: told };
  return { stack, kept, ...(await destroyAndProve(scene, before)) };
}

type Scene = { readonly subject: Opened; readonly means: Means; readonly run: Run };

async function destroyAndProve(scene: Scene, before: Checkpoint | undefined): Promise<Outcome> {
  const { subject, means } = scene;
  const own = before?.resources.filter(({ adopted }) => !adopted).length ?? 0;
  means.progress({ kind: "phase", text: `looking for the run's things of ${subject.stack}` });
  const control = await remainsOf(scene, before, 0);
  if (control.result === "blocked") return control;
  if (before !== undefined && before.resources.length > 0) {
    // The search may have taken minutes, and a destroying engine runs no program that would ask.
    const hold = await holdOn(parseStack(subject.stack).environment, means, "teardown");
    if (hold !== undefined) return blocked(hold.reason);
    means.progress({ kind: "phase", text: `destroying ${subject.stack}` });
    const failure = await destroy(scene);
    if (failure !== undefined) return failure;
  }
  means.progress({ kind: "phase", text: `proving that nothing of ${subject.stack} is left` });
  const state = await stateOf(scene);
  if (state.result !== "pass") return state;
  const after = await remainsOf(scene, before, patience);
  // A search that found nothing while there was something proves nothing now.
  return after.result === "pass" && own > 0 && control.result === "pass"
    ? blocked(say`nothing is found now, but nothing was found before either`)
    : after;
}

/** None where all went well. */
async function destroy({ subject: { stack }, means }: Scene): Promise<Outcome | undefined> {
  const freed = await command(["state", "unprotect", "--all", "--yes", "--stack", stack], means);
  if (freed.exitCode !== 0) {
    means.debug(freed.stderr);
    return blocked(say`what is protected could not be let go of`);
  }
  const operation = operate({ operation: "destroy", stack, ...means });
  operation.release();
  return operation.ended.then(
    () => undefined,
    (error: unknown) => {
      means.debug(String(error));
      return blocked(say`not everything could be destroyed`);
    },
  );
}

async function stateOf({ subject: { stack }, means }: Scene): Promise<Outcome> {
  const after = await seeCheckpoint(stack, means);
  if (after instanceof Unreadable) return unseen(after);
  const left = (after?.resources.length ?? 0) + (after?.pendingCreates.length ?? 0);
  return left === 0
    ? pass(say`the stack is empty`)
    : fail(say`${left} things are still in the stack's state`);
}

/** By the provider's own lists, behind its gates. */
async function remainsOf(
  { subject, means, run }: Scene,
  checkpoint: Checkpoint | undefined,
  within: number,
): Promise<Outcome> {
  const plan = (sight: Sight) => subject.inspection.remains?.(sight, within) ?? [unknowable(subject)];
  const answers = await askBeside(subject, means, { checkpoint, run, plan });
  return worstOf(answers);
}

function unknowable({ substrate: { name } }: Opened): Check {
  const why: Sentence = say`nobody can tell what is left`;
  return { id: `${name}.gone`, after: [], deadline: 1_000, observe: async () => blocked(why) };
}

/** A failed gate is no answer about what is left: it says that nothing could be seen. */
function worstOf(answers: readonly Answer[]): Outcome {
  const last = answers.at(-1);
  const closed = answers.slice(0, -1).find(({ result }) => result !== "pass");
  if (closed !== undefined) return blocked(closed.summary);
  return last ?? blocked(say`nothing was looked at`);
}
