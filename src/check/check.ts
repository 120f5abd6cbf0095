// The contract of a check: it reads, never writes, and answers with one outcome for one target.
import type { Name } from "../environment/name.ts";
import type { CheckId, CheckKey } from "./key.ts";
import type { Outcome } from "./outcome.ts";

/** One question about one target. */
export type Check = {
  /** The catalogue's permanent id: `g.ssh`, `g.hostname`. */
  readonly id: CheckId;
  /** The logical name of what is looked at; none where the check is about the substrate as a whole. */
  readonly target?: Name;
  /** What it is about, where that is more than its own substrate. */
  readonly component?: "cross-substrate";
  /** Keys of the checks that must have passed before this one can see anything. */
  readonly after: readonly CheckKey[];
  /** Milliseconds from the opening of the gates to an answer; then the outcome is blocked. */
  readonly deadline: number;
  /**
   * Looks. A throw is a blocked outcome: `Unreadable` says why, anything else is a broken check.
   * @param signal aborted at the deadline or when the run is cancelled
   */
  readonly observe: (signal: AbortSignal) => Promise<Outcome>;
};

/** A check that has answered. */
export type Answer = Outcome & {
  readonly check: Check;
  /** When the answer was there. */
  readonly at: Date;
};
