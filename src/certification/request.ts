// What is asked of a certification.

import type { Substrate } from "../substrates/substrate.ts";
import type { Other } from "./merge.ts";

/** What is asked of a certification. */
export type Request = {
  readonly environment: string;
  readonly topology: string;
  /** The contract's command that was called. */
  readonly certifier: string;
  readonly substrates: readonly Substrate[];
  readonly repair: boolean;
  /** Milliseconds for which a pass is valid. */
  readonly validFor: number;
  readonly runId?: string | undefined;
  readonly routerdCommit?: string | undefined;
  /** `base..head` */
  readonly routerdRange?: string | undefined;
  readonly labsCommit?: string | undefined;
  /** A manifest of another of the contract's commands, to join this one's. */
  readonly other?: Other | undefined;
};
