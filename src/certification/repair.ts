// Repair records: what was attempted, and whether the checks that cover it passed afterwards.
import type { Answer } from "../check/check.ts";
import { type CheckKey, keyOf } from "../check/key.ts";
import { blocked, list, type Result, type Sentence, say } from "../check/outcome.ts";
import type { Name } from "../environment/name.ts";

/** One thing that was to be repaired. */
export type Attempt = {
  /** The logical name. */
  readonly target: Name;
  /** What was changed, or should have been: properties, no values. */
  readonly action: Sentence;
  /** Whether it was carried out. */
  readonly done: boolean;
  /** The checks that cover it. */
  readonly verifiers: readonly CheckKey[];
  readonly at: Date;
};

/** One target that was repaired, or should have been. */
export type Repair = Pick<Attempt, "target" | "action" | "at"> & {
  readonly result: Exclude<Result, "skipped">;
  /** The checks that decided the result. */
  readonly verifiedBy: readonly CheckKey[];
};

/**
 * A record for each target, whatever the number of attempts: pass only where the last one was carried out and every
 * check that covers it passed.
 */
export function recordRepairs(attempts: readonly Attempt[], answers: readonly Answer[]): readonly Repair[] {
  return [...Map.groupBy(attempts, ({ target }) => target)].flatMap(([target, own]) => {
    const last = own.at(-1);
    if (last === undefined) return [];
    const covering = new Set(own.flatMap(({ verifiers }) => verifiers));
    const verdicts = answers.filter(({ check }) => covering.has(keyOf(check)));
    return {
      target,
      action: say`${list([...new Set(own.map(({ action }) => action))], "; ")}`,
      result: last.done ? verdictOf(verdicts) : "blocked",
      verifiedBy: verdicts.map(({ check }) => keyOf(check)),
      at: last.at,
    };
  });
}

/** A repair that could not be carried out leaves its checks blocked: what they show now was not put to the proof. */
export function withUnrepaired(attempts: readonly Attempt[], answers: readonly Answer[]): readonly Answer[] {
  const lasts = Map.groupBy(attempts, ({ target }) => target).values();
  const undone = [...lasts].flatMap((own) => own.slice(-1)).filter(({ done }) => !done);
  return answers.map((answer) => {
    const cause = undone.find(({ verifiers }) => verifiers.includes(keyOf(answer.check)));
    return cause === undefined || answer.result !== "fail"
      ? answer
      : { ...answer, ...blocked(say`${cause.target} could not be repaired: ${answer.summary}`) };
  });
}

function verdictOf(verdicts: readonly Answer[]): Repair["result"] {
  const results = verdicts.map(({ result }) => result);
  if (results.includes("fail")) return "fail";
  return results.length > 0 && results.every((result) => result === "pass") ? "pass" : "blocked";
}
