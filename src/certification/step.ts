// What to do next about what is wrong: the least invasive step that could help, and none on what could not be seen.
import type { Answer } from "../check/check.ts";
import { type CheckKey, keyOf } from "../check/key.ts";
import type { Mend, OpenSubstrate, Replaceable } from "../substrates/substrate.ts";

/** One step of a repair. */
export type Step =
  /** The engine brings everything to its declaration. */
  | { readonly kind: "converge" }
  /** What the engine does not see is set as declared. */
  | { readonly kind: "mend"; readonly mends: readonly Mend[] }
  /** Machines that stay dead are made anew. */
  | { readonly kind: "replace"; readonly replaceables: readonly Replaceable[] };

/** What a substrate knows about repairing. */
export type Craft = Pick<OpenSubstrate, "mends" | "replaceable">;

/**
 * The next step, one kind at a time: what it leaves wrong is judged again before anything more invasive is done.
 * @param tried what {@link namesOf} gave for earlier steps: only converging is ever done twice
 */
export function nextStep(
  answers: readonly Answer[],
  { mends, replaceable }: Craft,
  tried: ReadonlySet<string>,
): Step | undefined {
  const drift = answers.find(({ check }) => check.id.endsWith(".drift"))?.result;
  // Where the engine could not look, nobody knows what is its to repair, or whether somebody is at it already.
  if (drift !== "pass" && drift !== "fail") return undefined;
  const failed = answers.filter(({ result, impostor }) => result === "fail" && impostor !== true);
  const untried = mends(failed.map(({ check }) => keyOf(check))).filter((mend) => !tried.has(nameOf(mend)));
  const first = untried.filter((mend) => mend.first);
  if (first.length > 0) return { kind: "mend", mends: first };
  if (drift === "fail") return { kind: "converge" };
  if (untried.length > 0) return { kind: "mend", mends: untried };
  const dead = replaceable.filter((one) => !tried.has(one.target) && isDead(one, answers));
  return dead.length > 0 ? { kind: "replace", replaceables: dead } : undefined;
}

/** What a step has tried once it is done. */
export function namesOf(step: Step): readonly string[] {
  if (step.kind === "converge") return [];
  return step.kind === "mend" ? step.mends.map(nameOf) : step.replaceables.map(({ target }) => target);
}

function nameOf({ target, intent }: Mend): string {
  return `${intent} ${target}`;
}

/** Seen dead, by a way that is known to work, with everything in order that it stands on. */
function isDead({ dead, close, witnesses, provided }: Replaceable, answers: readonly Answer[]): boolean {
  const of = (keys: readonly CheckKey[]) => answers.filter(({ check }) => keys.includes(keyOf(check)));
  const fails = (keys: readonly CheckKey[]) => of(keys).some(({ result }) => result === "fail");
  const reachable = of(witnesses).some(({ result }) => result === "pass");
  return (
    (fails(close) || (fails(dead) && reachable)) &&
    !of(dead).some(({ impostor }) => impostor === true) &&
    of(provided).every(({ result }) => result === "pass")
  );
}
