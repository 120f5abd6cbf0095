// Repair records: what was changed, and whether the checks that cover it passed afterwards.
import type { Answer } from "../check/check.ts";
import { type CheckKey, keyOf } from "../check/key.ts";
import { blocked, list, type Result, type Sentence, say } from "../check/outcome.ts";
import type { Change } from "../engine/changes.ts";
import type { Applied } from "./converge.ts";
import { isDrift } from "./drift.ts";
import type { Look } from "./look.ts";

/** One resource that was repaired, or should have been. */
export type Repair = {
  readonly target: Change["name"];
  readonly action: Sentence;
  readonly result: Exclude<Result, "skipped">;
  /** The checks that decided the result. */
  readonly verifiedBy: readonly CheckKey[];
  readonly at: Date;
};

/** One resource that was wrong, over all rounds of repair. */
export type Attempt = {
  /** Tells attempts apart: the URN of a resource, or what a mend is about. */
  readonly key: string;
  readonly target: Change["name"];
  /** What was done to it, or should have been, in the order of the rounds. */
  readonly actions: readonly Sentence[];
  /** Whether the last round that meant it carried it out. */
  readonly done: boolean;
  /** Checks that it was made for, beside those that cover the target. */
  readonly cures: readonly CheckKey[];
  readonly at: Date;
};

/** What there is to judge repairs by. */
export type Aftermath = {
  readonly attempts: readonly Attempt[];
  /** The look that followed the last of them. */
  readonly last: Pick<Look, "answers" | "changes" | "compared">;
  readonly verifiers: (resource: string) => readonly CheckKey[];
};

/** Adds a round: everything that was wrong before it, and what became of that. */
export function attempted(
  earlier: readonly Attempt[],
  wrong: readonly Change[],
  { changes, done, failed, complete, at }: Applied,
): readonly Attempt[] {
  const cures = new Map(earlier.map((attempt) => [attempt.key, attempt.cures]));
  // What only seemed to differ, since it is made from something else that did, the engine finds to be as declared.
  const isNeedless = ({ urn }: Change) =>
    complete && failed.size === 0 && !changes.some((change) => change.urn === urn);
  const needed = wrong.filter((change) => !isNeedless(change));
  const later = needed.map((change) => ({
    ...{ key: change.urn, target: change.name, actions: [describe(change)] },
    ...{ done: done.has(change.urn), cures: cures.get(change.urn) ?? [], at },
  }));
  return joined(earlier, later);
}

/** Adds attempts; a later one at the same stands for the earlier, and tells what both did. */
export function joined(earlier: readonly Attempt[], later: readonly Attempt[]): readonly Attempt[] {
  const attempts = new Map(earlier.map((attempt) => [attempt.key, attempt]));
  for (const attempt of later) {
    const actions = new Set([...(attempts.get(attempt.key)?.actions ?? []), ...attempt.actions]);
    attempts.set(attempt.key, { ...attempt, actions: [...actions] });
  }
  return [...attempts.values()];
}

/** A record for each resource that was wrong: pass only where it was applied and every check that covers it passed. */
export function recordRepairs({ attempts, last, verifiers }: Aftermath): readonly Repair[] {
  return attempts.map((attempt) => {
    const { target, actions, done, at } = attempt;
    const verifiedBy = covering(attempt, verifiers);
    const result = done ? verdictOf(attempt, verifiedBy, last) : "blocked";
    return { target, action: list(actions, "; "), result, verifiedBy, at };
  });
}

/** A repair that could not be carried out leaves its checks blocked: what they show now was not put to the proof. */
export function withUnrepaired({ attempts, last, verifiers }: Aftermath): readonly Answer[] {
  const undone = attempts.filter(({ done }) => !done);
  return last.answers.map((answer) => {
    const cause = undone.find((attempt) => covering(attempt, verifiers).includes(keyOf(answer.check)));
    return cause === undefined || answer.result !== "fail"
      ? answer
      : { ...answer, ...blocked(say`${cause.target} could not be repaired: ${answer.summary}`) };
  });
}

function covering({ target, cures }: Attempt, verifiers: Aftermath["verifiers"]): readonly CheckKey[] {
  return [...new Set([...cures, ...verifiers(target)])];
}

/** A check that should have been there and was not proves nothing. */
function verdictOf(
  { target }: Attempt,
  verifiedBy: readonly CheckKey[],
  { answers, changes, compared }: Aftermath["last"],
): Repair["result"] {
  // Drift that names others says of this one that it is as declared.
  const isOthers = ({ check, result }: Answer) =>
    isDrift(check) && result === "fail" && compared && changes.every(({ name }) => name !== target);
  const results = verifiedBy.map((key) => {
    const answer = answers.find(({ check }) => keyOf(check) === key);
    return answer !== undefined && isOthers(answer) ? "pass" : answer?.result;
  });
  if (results.includes("fail")) return "fail";
  return results.length > 0 && results.every((result) => result === "pass") ? "pass" : "blocked";
}

const verbs = {
  create: "created",
  delete: "deleted",
  import: "imported",
  absent: "must be made by whoever keeps it",
} as const;

function describe({ action, properties }: Change): Sentence {
  if (action !== "update" && action !== "replace") return say`${verbs[action]}`;
  if (action === "replace")
    return properties.length === 0 ? say`replaced` : say`replaced for ${list(properties)}`;
  return properties.length === 0 ? say`updated` : say`set ${list(properties)}`;
}
