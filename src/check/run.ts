// Runs a plan of checks: all at once behind their gates, each with its deadline, every one with an answer.
import { type Answer, type Check, type CheckKey, keyOf } from "./check.ts";
import { blocked, type Outcome, say } from "./outcome.ts";
import { Unreadable, unseen } from "./unreadable.ts";

/** What the runner tells while it runs. */
export type RunOptions = {
  readonly signal: AbortSignal;
  readonly onStart: (check: Check) => void;
  readonly onAnswer: (answer: Answer, error: unknown) => void;
};

/**
 * Runs all checks and gives their answers in the plan's order. Never rejects for what a check does.
 * @throws TypeError for a plan that is empty, has a check twice, or a gate that it does not contain or that comes later
 */
export async function runChecks(checks: readonly Check[], options: RunOptions): Promise<readonly Answer[]> {
  if (checks.length === 0) throw new TypeError("a plan without checks proves nothing");
  const answers = new Map<CheckKey, Promise<Answer>>();
  for (const check of checks) {
    if (answers.has(keyOf(check))) throw new TypeError(`${keyOf(check)} is planned twice`);
    answers.set(keyOf(check), runOne(check, gatesOf(check, answers), options));
  }
  return Promise.all(answers.values());
}

function gatesOf(check: Check, answers: ReadonlyMap<CheckKey, Promise<Answer>>): readonly Promise<Answer>[] {
  return check.after.map((gate) => {
    const answer = answers.get(gate);
    if (answer === undefined)
      throw new TypeError(`${keyOf(check)} waits for ${gate}, which is not planned before it`);
    return answer;
  });
}

async function runOne(check: Check, gates: readonly Promise<Answer>[], options: RunOptions): Promise<Answer> {
  const closed = (await Promise.all(gates)).find((gate) => gate.result !== "pass");
  const { outcome, error } =
    closed === undefined ? await look(check, options) : { outcome: behind(closed), error: undefined };
  const answer = { ...outcome, check, at: new Date() };
  options.onAnswer(answer, error);
  return answer;
}

function behind(gate: Answer): Outcome {
  return blocked(say`could not look: ${keyOf(gate.check)} is ${gate.result}`);
}

async function look(check: Check, options: RunOptions): Promise<{ outcome: Outcome; error: unknown }> {
  options.onStart(check);
  const deadline = AbortSignal.timeout(check.deadline);
  const signal = AbortSignal.any([options.signal, deadline]);
  try {
    return { outcome: await orAborted(check.observe(signal), signal), error: undefined };
  } catch (error) {
    if (options.signal.aborted) return { outcome: unseen(new Unreadable("cancelled", "run aborted")), error };
    if (deadline.aborted) return { outcome: unseen(new Unreadable("timeout", "check deadline")), error };
    return { outcome: unseen(error), error };
  }
}

/** The observation's outcome, or the abort's reason for one that does not listen. */
function orAborted<T>(observation: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason);
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  return Promise.race([observation, promise]).finally(() => signal.removeEventListener("abort", abort));
}
