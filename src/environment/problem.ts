// An error that a person can mend: one line that says what, where, and the way out.
import { visible } from "./visible.ts";

/** The parts of a {@link Problem}'s line. */
export type ProblemParts = {
  /** What is wrong with what: a file and key, a flag, a missing program. */
  readonly subject: string;
  /** What was expected, as a noun phrase. */
  readonly expected: string;
  /** What was found instead; left out where nothing was. */
  readonly actual?: string;
  /** The way out, as an imperative. */
  readonly remedy: string;
};

/** Raised for wrong usage or configuration; the commands print its message alone and exit 2. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly parts: ProblemParts;

  constructor(parts: ProblemParts, options?: ErrorOptions) {
    super(lineOf(parts), options);
    this.parts = parts;
  }
}

/** What is wrong, in one line, whatever characters came with it. */
export function lineOf({ subject, expected, actual, remedy }: ProblemParts): string {
  const got = actual === undefined ? "" : `, got ${actual}`;
  return visible(`${subject}: expected ${expected}${got} — ${remedy}`);
}

/** What is told of an error that nobody foresaw. Its text may be a far end's; its kind, and where it came from, are ours. */
export function unexpected(error: unknown): string {
  return `unexpected ${error instanceof Error ? error.name : typeof error}${placeOf(error)}`;
}

/** ` at src/room/file.ts:12`, from the topmost frame that is in the project. */
function placeOf(error: unknown): string {
  const frame = /\/((?:src|scripts)\/[\w/.-]+\.ts:\d+)/.exec(
    error instanceof Error ? (error.stack ?? "") : "",
  );
  return frame === null ? "" : ` at ${frame[1]}`;
}
