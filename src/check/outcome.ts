// What an observation can come to, and the only way to put it into words that may become evidence.
import type { z } from "zod";
import type { CheckKey } from "./key.ts";

/** pass: seen and right; fail: seen and wrong; blocked: could not be seen; skipped: not asked for. */
export type Result = "pass" | "fail" | "blocked" | "skipped";

declare const spoken: unique symbol;

/** A sentence made of our own words, logical names and numbers; nothing that a far end said can be in it. */
export type Sentence = string & { readonly [spoken]: true };

/** What one observation came to. */
export type Outcome = {
  readonly result: Result;
  readonly summary: Sentence;
  /** Something else answers in its place: no repair may touch what it does not know, or hide it. */
  readonly impostor?: true;
};

/** Text that a model of ours has parsed and branded: a logical name, a property path. */
type Parsed = string & Readonly<Record<typeof z.$brand, unknown>>;

/** Numbers, parsed names, check keys, sentences, and words from a closed list; all other text is refused by the compiler. */
type Speakable<T> = unknown extends T
  ? never
  : T extends number | Parsed | Sentence
    ? T
    : T extends string
      ? IsOpen<T> extends false
        ? T
        : OneOf<CheckKey, T>
      : never;

/** Whether a string type stands for endlessly many: `string`, or a template with one in it, such as `x-${string}`. */
type IsOpen<T extends string> = Record<never, never> extends Record<T, unknown> ? true : false;

/** The text type itself where it is a whole member of the union, and not just something that would fit it. */
type OneOf<Union, T> = Union extends T ? (T extends Union ? T : never) : never;

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

/** Seen, and something else than what was expected: a wrong identity. */
export function impostor(summary: Sentence): Outcome {
  return { result: "fail", summary, impostor: true };
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
