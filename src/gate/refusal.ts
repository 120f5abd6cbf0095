// Why a release qualification may not start: one reason, one line.
import type { Problem, ProblemParts } from "../environment/problem.ts";

/** What a refusal is about; permanent, for programs that read them. */
export type Code =
  | "manifest"
  | "status"
  | "expired"
  | "time"
  | "environment"
  | "topology"
  | "providers"
  | "certifier"
  | "check"
  | "repair"
  | "tools"
  | "declaration"
  | "release"
  | "state"
  | "ledger";

/** One reason to refuse. */
export type Refusal = ProblemParts & {
  readonly code: Code;
  /** Set where it could not be looked at, instead of seen to be wrong. */
  readonly unseen?: true;
};

/** A refusal for what was thrown as a problem. */
export function refusalOf(code: Code, { parts }: Problem): Refusal {
  return { code, ...parts };
}
