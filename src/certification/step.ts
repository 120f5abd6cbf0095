// What to do next about what is wrong: the least invasive step that could help, and none on what could not be seen.

import type { Answer } from "../check/check.ts";
import { type CheckKey, keyOf } from "../check/key.ts";
import type { Inspection, Mend, Replaceable } from "../substrates/substrate.ts";
import { isDrift } from "./drift.ts";

/** One step of a repair. */
export type Step =
  /** The engine brings everything to its declaration. */
  | { readonly kind: "converge" }
  /** What the engine does not see is set as declared. */
  | { readonly kind: "mend"; readonly mends: readonly Mend[] }
  /** Machines that stay dead are made anew. */
  | { readonly kind: "replace"; readonly replaceables: readonly Replaceable[] };

/** What a substrate knows about repairing. */
export type Craft = Pick<Inspection, "mends" | "replaceable">;

/** What is behind us. */
export type Past = {
  /** What {@link namesOf} gave for earlier steps. */
  readonly tried: readonly string[];
  /** Checks whose failures wait for a person. */
  readonly byHand: ReadonlySet<CheckKey>;
};

/** Converging may leave what another round brings in order; nothing else is done twice. */
const rounds = 2;

/** The next step, one kind at a time: what it leaves wrong is judged again before anything more invasive is done. */
export function nextStep(
  answers: readonly Answer[],
  { mends, replaceable }: Craft,
  { tried, byHand }: Past,
): Step | undefined {
  const drift = answers.find(({ check }) => isDrift(check))?.result;
  const failed = answers
    .filter(({ result, impostor }) => result === "fail" && impostor !== true)
    .map(({ check }) => keyOf(check))
    .filter((key) => !byHand.has(key));
  const untried = mends(failed).filter((mend) => !tried.includes(nameOf(mend)));
  // Where the engine could not look, nobody knows what is its to repair, or whether somebody is at it already.
  if (drift !== "pass" && drift !== "fail") return mending(untried.filter(({ tells }) => tells === true));
  const first = untried.filter((mend) => mend.first);
  if (first.length > 0) return mending(first);
  if (drift === "fail" && tried.filter((name) => name === converging).length < rounds)
    return { kind: "converge" };
  if (untried.length > 0) return mending(untried);
  const lost = replaceable.filter(
    (one) => !tried.includes(one.target) && isLost(one, { answers, failed: new Set(failed) }),
  );
  return lost.length > 0 ? { kind: "replace", replaceables: lost } : undefined;
}

function mending(mends: readonly Mend[]): Step | undefined {
  return mends.length > 0 ? { kind: "mend", mends } : undefined;
}

const converging = "converge";

/** What a step has tried once it is done. */
export function namesOf(step: Step): readonly string[] {
  if (step.kind === "converge") return [converging];
  return step.kind === "mend" ? step.mends.map(nameOf) : step.replaceables.map(({ target }) => target);
}

function nameOf({ target, intent }: Mend): string {
  return `${intent} ${target}`;
}

type Seen = { readonly answers: readonly Answer[]; readonly failed: ReadonlySet<CheckKey> };

/** Seen to be wrong itself, by a way that is known to work, with everything in order that it stands on. */
function isLost(one: Replaceable, { answers, failed }: Seen): boolean {
  const of = (keys: readonly CheckKey[]) => answers.filter(({ check }) => keys.includes(keyOf(check)));
  const fails = (keys: readonly CheckKey[]) => keys.some((key) => failed.has(key));
  const reachable = of(one.witnesses).some(({ result }) => result === "pass");
  const ground = one.provided.filter((key) => !one.spoiled.includes(key) || !failed.has(key));
  return (
    (fails(one.spoiled) || (fails(one.silent) && reachable)) &&
    !of([...one.spoiled, ...one.silent]).some(({ impostor }) => impostor === true) &&
    of(ground).every(({ result }) => result === "pass")
  );
}
