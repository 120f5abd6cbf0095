// What is certified: one substrate of one environment, with everything that is needed to look at it.
import type { RawConfig } from "../environment/section.ts";
import type { Inspection, OpenSubstrate, Sight, Substrate } from "../substrates/substrate.ts";
import type { Progress } from "./progress.ts";

/** One substrate as its stack config has it. */
export type Opened = {
  readonly substrate: Substrate;
  readonly open: OpenSubstrate;
  readonly inspection: Inspection;
  readonly stack: string;
  /** Whether what is wrong is to be repaired. */
  readonly repair: boolean;
  /** What `open` was parsed from, with its secrets. */
  readonly config: RawConfig;
};

/** One substrate under certification: it knows where its flows to other substrates lead. */
export type Subject = Opened & { readonly edge: Sight["edge"] };

/** Where the engine and the project are, who is told what, and until when. */
export type Means = {
  /** Absolute path of the engine. */
  readonly engine: string;
  /** Absolute path of the project. */
  readonly project: string;
  readonly signal: AbortSignal;
  readonly progress: (event: Progress) => void;
  /** Raw text for the debug log. */
  readonly debug: (line: string) => void;
};
