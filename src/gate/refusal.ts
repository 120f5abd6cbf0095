// Why a release qualification may not start: one reason, one line.
import { lineOf as lineOfProblem, type Problem, type ProblemParts } from "../environment/problem.ts";

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

/** What is wrong, where, and the way out, whatever characters came with it. */
export function lineOf(refusal: Refusal): string {
  return visible(lineOfProblem(refusal));
}

/** A refusal for what was thrown as a problem. */
export function refusalOf(code: Code, { parts }: Problem): Refusal {
  return { code, ...parts };
}

/** Text from a manifest as a part of a line: as it is where it is a plain word, else quoted and cut to 80 characters. */
export function quoted(text: string): string {
  const short = text.length > 80 ? `${text.slice(0, 79)}…` : text;
  return /^[\w.:@/+-]+$/.test(short) ? short : visible(JSON.stringify(short));
}

/** Text with characters that would move a cursor, turn the writing direction or break the line as their numbers. */
export function visible(text: string): string {
  return text.replaceAll(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}
