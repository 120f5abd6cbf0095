// Runs a plan of checks: all at once behind their gates, each with its deadline, every one with an answer.
import type { Answer, Check } from "./check.ts";
import { type CheckKey, keyOf } from "./key.ts";
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
  refuseUnsound(checks);
  const answers = new Map<CheckKey, Promise<Answer>>();
  for (const check of checks) {
    const gates = check.after.flatMap((gate) => answers.get(gate) ?? []);
    answers.set(keyOf(check), runOne(check, gates, options));
  }
  return Promise.all(answers.values());
}

/** Before anything has begun, so that a refused plan leaves nothing running. */
function refuseUnsound(checks: readonly Check[]): void {
  if (checks.length === 0) throw new TypeError("a plan without checks proves nothing");
  const planned = new Set<CheckKey>();
  for (const check of checks) {
    const key = keyOf(check);
    if (planned.has(key)) throw new TypeError(`${key} is planned twice`);
    const unknown = check.after.find((gate) => !planned.has(gate));
    if (unknown !== undefined)
      throw new TypeError(`${key} waits for ${unknown}, which is not planned before it`);
    planned.add(key);
  }
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
  using deadline = startDeadline(check.deadline);
  const signal = AbortSignal.any([options.signal, deadline.signal]);
  try {
    options.signal.throwIfAborted();
    options.onStart(check);
    return { outcome: await orAborted(check.observe(signal), signal), error: undefined };
  } catch (error) {
    if (options.signal.aborted) return { outcome: unseen(new Unreadable("cancelled", "run aborted")), error };
    if (deadline.signal.aborted)
      return { outcome: unseen(new Unreadable("timeout", "check deadline")), error };
    return { outcome: unseen(error), error };
  }
}

/** `AbortSignal.timeout` does not keep the process alive; a deadline must, or a check could end without an answer. */
function startDeadline(ms: number): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const late = () => controller.abort(new DOMException("past the check's deadline", "TimeoutError"));
  const timer = setTimeout(late, ms);
  return { signal: controller.signal, [Symbol.dispose]: () => clearTimeout(timer) };
}

/** The observation's outcome, or the abort's reason for one that does not listen. What it comes to later is dropped. */
function orAborted<T>(observation: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort);
  return Promise.race([promise, observation]).finally(() => signal.removeEventListener("abort", abort));
}
