// Repair records: what was changed, and whether the checks that cover it passed afterwards.
import type { Answer } from "../check/check.ts";
import { type CheckKey, keyOf } from "../check/key.ts";
import { blocked, list, type Result, type Sentence, say } from "../check/outcome.ts";
import type { Change } from "../engine/changes.ts";
import type { Applied } from "./converge.ts";

/** One resource that was repaired, or should have been. */
export type Repair = {
  readonly target: Change["name"];
  readonly action: Sentence;
  readonly result: Exclude<Result, "skipped">;
  /** The checks that decided the result. */
  readonly verifiedBy: readonly CheckKey[];
  readonly at: Date;
};

/** What there is to judge a repair by. */
export type Aftermath = {
  /** What was wrong before. */
  readonly wrong: readonly Change[];
  readonly applied: Applied;
  /** The answers of the look that followed. */
  readonly answers: readonly Answer[];
  readonly verifiers: (resource: string) => readonly CheckKey[];
};

/** A record for each resource that was wrong: pass only where it was applied and every check that covers it passed. */
export function recordRepairs({ wrong, applied, answers, verifiers }: Aftermath): readonly Repair[] {
  return wrong.map((change) => {
    const covering = new Set(verifiers(change.name));
    const verdicts = answers.filter(({ check }) => covering.has(keyOf(check)));
    return {
      target: change.name,
      action: describe(change),
      result: applied.done.has(change.urn) ? verdictOf(verdicts) : "blocked",
      verifiedBy: verdicts.map(({ check }) => keyOf(check)),
      at: applied.at,
    };
  });
}

/** A repair that could not be carried out leaves its checks blocked: what they show now was not put to the proof. */
export function withUnrepaired({ wrong, applied, answers, verifiers }: Aftermath): readonly Answer[] {
  const undone = wrong.filter(({ urn }) => !applied.done.has(urn));
  return answers.map((answer) => {
    const cause = undone.find(({ name }) => verifiers(name).includes(keyOf(answer.check)));
    return cause === undefined || answer.result !== "fail"
      ? answer
      : { ...answer, ...blocked(say`${cause.name} could not be repaired: ${answer.summary}`) };
  });
}

function verdictOf(verdicts: readonly Answer[]): Repair["result"] {
  const results = verdicts.map(({ result }) => result);
  if (results.includes("fail")) return "fail";
  return results.length > 0 && results.every((result) => result === "pass") ? "pass" : "blocked";
}

const verbs = { create: "created", delete: "deleted", import: "imported" } as const;

function describe({ action, properties }: Change): Sentence {
  if (action === "create" || action === "delete" || action === "import") return say`${verbs[action]}`;
  if (action === "replace")
    return properties.length === 0 ? say`replaced` : say`replaced for ${list(properties)}`;
  return say`set ${list(properties)}`;
}
