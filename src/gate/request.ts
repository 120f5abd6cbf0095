// What is asked of the gate, and what it judges.
import type { Readable } from "node:stream";
import type { Document } from "../manifest/read.ts";
import type { Refusal } from "./refusal.ts";

/** The run that wants to start, and the certifications that are to allow it. */
export type Request = {
  /** Files, `-` for standard input, or `ledger`. */
  readonly certifications: readonly string[];
  readonly environment: string;
  readonly topology: string;
  readonly providers: readonly string[];
  /** A version or commit; none: the binding to a release is not judged. */
  readonly release?: string | undefined;
  /** A clone of the released project, to ask git about versions and ranges. */
  readonly repo?: string | undefined;
  /** Milliseconds since the certification was issued. */
  readonly maxAge?: number | undefined;
  /** Ask neither the backend nor the ledger. */
  readonly offline: boolean;
};

/** What the gate works with. */
export type Means = {
  /** Absolute path of the project. */
  readonly project: string;
  /** Where `-` is read from. */
  readonly input: Readable;
  readonly now: Date;
  readonly signal: AbortSignal;
};

/** A manifest, and how a person knows it. */
export type Certified = Document & { readonly source: string };

/** What judging came to: nothing refused, or all that is in the way. */
export type Judgement = {
  readonly refusals: readonly Refusal[];
  /** What was not judged, and why. */
  readonly notes: readonly string[];
};
