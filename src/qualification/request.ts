// What is asked of a qualification.
import type { Argv } from "./group.ts";

/** What is asked of a qualification. */
export type SmokeRequest = {
  /** One manifest, or two that are judged as one. */
  readonly certifications: readonly string[];
  readonly release: string;
  /** A clone that knows the release. */
  readonly repo?: string | undefined;
  /** Milliseconds since the certification was issued. */
  readonly maxAge?: number | undefined;
  /** Absolute path of the result. */
  readonly out: string;
  /** Absolute path of a folder for logs. */
  readonly evidence: string;
  /** Milliseconds for the whole run. */
  readonly ttl: number;
  /** Milliseconds between signs of life, each with a look at the substrate. */
  readonly heartbeat: number;
  /** Milliseconds without a sign of life after which the run is ended. */
  readonly stale: number;
  /** Milliseconds that the product may take to converge. */
  readonly patience: number;
  /** Commands in the place of our own. */
  readonly commands: {
    readonly qualification?: Argv | undefined;
    readonly cleanup?: Argv | undefined;
    readonly inventory?: Argv | undefined;
  };
};

/** Where engine and project are, who is told what, and until when. */
export type SmokeMeans = {
  /** Absolute path of the engine. */
  readonly engine: string;
  /** Absolute path of the project. */
  readonly project: string;
  readonly signal: AbortSignal;
  /** For people, one line each. */
  readonly say: (line: string) => void;
  /** Raw text for the debug log. */
  readonly debug: (line: string) => void;
};
