// Whose failure a failure of the product is: its own on a substrate that is whole, else the substrate's.
import type { Driven } from "./drive.ts";
import type { ResultCheck, Verdict } from "./result.ts";
import type { Again } from "./whole.ts";

/** The substrate as it can be looked at again: all of it, and cheaply. */
type Witness = {
  readonly certify: () => Promise<Again>;
  /** Gives what is wrong. */
  readonly peek: () => Promise<readonly ResultCheck[]>;
};

/** A failure of the product is one only on a substrate that is whole; it is told once, as one or the other. */
export async function blame(driven: Driven, substrate: Witness, first: Again): Promise<Verdict> {
  const { exit, checks, classification = "none" } = driven;
  const failed =
    exit === 1 || classification === "product_failure" || checks.some(({ result }) => result === "fail");
  const passed = exit === 0 && classification === "none" && checks.every(({ result }) => result === "pass");
  if (passed) return { classification: "none", checks: [...first.checks, ...checks] };
  if (!failed || classification === "infra_failure") return infra(checks.map(undecided));
  const again = await substrate.certify();
  const changed = await substrate.peek();
  if (again.whole && changed.length === 0)
    return { classification: "product_failure", checks: [...again.checks, ...checks] };
  return infra([...again.checks.filter(isWrong), ...changed, ...checks.map(undecided)]);
}

/** On a substrate that is not whole nobody knows what the product would have done. */
function undecided(check: ResultCheck): ResultCheck {
  if (check.result !== "fail") return check;
  const summary = `not judged, for the substrate is not whole: ${check.summary ?? "failed"}`;
  return { ...check, result: "blocked", summary };
}

function isWrong({ result }: ResultCheck): boolean {
  return result !== "pass";
}

/** The substrate's failure, or nobody's that could be told. */
export function infra(checks: readonly ResultCheck[]): Verdict {
  return { classification: "infra_failure", checks: [...checks] };
}
