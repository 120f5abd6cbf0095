// What an observation can come to, and the only way to put it into words that may become evidence.
import type { Name } from "../environment/name.ts";

/** pass: seen and right; fail: seen and wrong; blocked: could not be seen; skipped: not asked for. */
export type Result = "pass" | "fail" | "blocked" | "skipped";

declare const spoken: unique symbol;

/** A sentence made of our own words, logical names and numbers; nothing that a far end said can be in it. */
export type Sentence = string & { readonly [spoken]: true };

/** What one observation came to. */
export type Outcome = { readonly result: Result; readonly summary: Sentence };

/** Numbers, logical names, sentences, and words from a closed list; a plain `string` is refused by the compiler. */
type Speakable<T> = T extends number | Name | Sentence
  ? T
  : T extends string
    ? string extends T
      ? never
      : T
    : never;

/** Refuses a list with anything in it that evidence may not hold. */
type Sayable<T> = [T] extends [Speakable<T>] ? unknown : never;

/** Tag for evidence: `` say`${guest} has ${2} of ${3} addresses` ``; only allowlisted values can be put in. */
export function say<const T extends readonly unknown[]>(
  parts: TemplateStringsArray,
  ...values: { readonly [I in keyof T]: Speakable<T[I]> }
): Sentence {
  return asSentence(String.raw({ raw: parts }, ...values));
}

/** Joins values that {@link say} takes, with a separator of ours. */
export function list<T>(items: readonly T[] & Sayable<T>, separator: ", " | "; " = ", "): Sentence {
  return asSentence(items.join(separator));
}

/** Seen and right. */
export function pass(summary: Sentence): Outcome {
  return { result: "pass", summary };
}

/** Seen and wrong. */
export function fail(summary: Sentence): Outcome {
  return { result: "fail", summary };
}

/** Could not be seen. */
export function blocked(summary: Sentence): Outcome {
  return { result: "blocked", summary };
}

function asSentence(text: string): Sentence {
  if (isSentence(text)) return text;
  throw new TypeError("unreachable: every string that say and list build is a sentence");
}

function isSentence(_text: string): _text is Sentence {
  return true;
}
