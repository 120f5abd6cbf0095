// A command's flags: one table that says what they are, and the door through which they come in.
import { parseArgs } from "node:util";
import type { z } from "zod";
import { Problem } from "../environment/problem.ts";
import { nearest } from "./nearest.ts";

/** A flag that is there or not, or one that takes a value. */
export type Flag = Switch | Value;

type Switch = { readonly kind: "boolean"; readonly help: string };

type Value = {
  readonly kind: "value";
  /** How help shows the value: `<name>`. */
  readonly shown: string;
  /** Takes the text from the command line; its issues say what was expected. */
  readonly parse: z.ZodType<unknown, string>;
  /** Without it the command does not run. */
  readonly required?: boolean;
  /** What stands where the flag is left out. */
  readonly default?: string;
  /** May be given up to so many times; its value is a list. */
  readonly most?: number;
  /** `-` alone is a value too: standard input. */
  readonly dash?: true;
  readonly help: string;
};

/** Flags by their names without the dashes. `help` is always there and not to be listed. */
export type Flags = Readonly<Record<string, Flag>>;

/** A command as its users see it. */
export type Command<F extends Flags> = {
  readonly name: string;
  readonly summary: string;
  readonly flags: F;
  /** The exit codes in words; those of the certifying commands where left out. */
  readonly exits?: readonly (readonly [code: number, meaning: string])[];
};

/** The parsed values: required flags and those with a default always have one. */
export type Given<F extends Flags> = { readonly [K in keyof F]: Parsed<F[K]> };

type Parsed<F extends Flag> = F extends Value
  ? F extends { readonly most: number }
    ? readonly z.output<F["parse"]>[]
    : ParsedOnce<F>
  : boolean;

type ParsedOnce<F extends Value> = F extends { readonly required: true } | { readonly default: string }
  ? z.output<F["parse"]>
  : z.output<F["parse"]> | undefined;

/**
 * Reads a command line.
 * @param argv the arguments after the command's name
 * @returns the values, or `help` where that was asked for, whatever else is wrong
 * @throws Problem for the first kind of mistake there is: unknown, repeated, without value, missing, unparsable
 */
export function readFlags<const F extends Flags>(
  command: Command<F>,
  argv: readonly string[],
): Given<F> | "help" {
  const tokens = tokensOf(command.flags, argv);
  if (tokens.some(({ name, flag }) => flag && ["--help", "-h"].includes(name))) return "help";
  refuseUnknown(command, tokens);
  refuseRepeated(command.flags, tokens);
  for (const token of tokens) refuseWithoutValue(command.flags, token);
  const texts = Map.groupBy(tokens, ({ name }) => name);
  refuseMissing(command, texts);
  const values = Object.fromEntries(
    Object.entries(command.flags).map(([name, flag]) => [name, readValue(`--${name}`, flag, texts)]),
  );
  if (isGiven(command.flags, values)) return values;
  throw new TypeError("unreachable: every flag of the table has got a value");
}

/** A flag as written, or an argument that is none. */
type Token = {
  readonly name: string;
  readonly flag: boolean;
  readonly value: string | undefined;
  readonly inline: boolean;
};

/** Not strict, since the parser's own errors stop at the first mistake and suggest nothing. */
function tokensOf(flags: Flags, argv: readonly string[]): Token[] {
  const options = Object.entries(flags).map(
    ([name, { kind }]) => [name, { type: kind === "value" ? "string" : kind }] as const,
  );
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(options),
    strict: false,
    tokens: true,
  });
  return tokens.flatMap((token): Token[] => {
    if (token.kind === "option-terminator") return [];
    if (token.kind === "positional")
      return [{ name: token.value, flag: false, value: undefined, inline: false }];
    return [{ name: token.rawName, flag: true, value: token.value, inline: token.inlineValue ?? false }];
  });
}

function refuseUnknown<F extends Flags>(
  { name: command, flags }: Command<F>,
  tokens: readonly Token[],
): void {
  const known = [...Object.keys(flags), "help"].map((name) => `--${name}`);
  const unknown = tokens.find(({ name, flag }) => !flag || !known.includes(name));
  if (unknown === undefined) return;
  const meant = unknown.flag ? nearest(unknown.name, known) : undefined;
  throw new Problem({
    subject: command,
    expected: unknown.flag ? "a flag that it knows" : "flags only",
    actual: JSON.stringify(unknown.name),
    remedy: meant === undefined ? "--help lists its flags" : `did you mean ${meant}?`,
  });
}

function refuseRepeated(flags: Flags, tokens: readonly Token[]): void {
  for (const [name, given] of Map.groupBy(tokens, (token) => token.name)) {
    const flag = flags[name.slice(2)];
    const most = flag?.kind === "value" ? (flag.most ?? 1) : 1;
    if (given.length <= most) continue;
    throw new Problem({
      subject: name,
      expected: most === 1 ? "the flag once" : `the flag at most ${most} times`,
      actual: given.length === 2 ? "it twice" : `it ${given.length} times`,
      remedy: "leave one out",
    });
  }
}

/** `--out --repair` is a forgotten value; one that begins with a dash is written `--out=-x`. */
function refuseWithoutValue(flags: Flags, { name, value, inline }: Token): void {
  const flag = flags[name.slice(2)];
  if (flag === undefined) return;
  if (flag.kind === "boolean") {
    if (!inline) return;
    throw new Problem({
      subject: name,
      expected: "no value",
      actual: JSON.stringify(value),
      remedy: `write ${name} alone`,
    });
  }
  const dash = flag.dash === true && value === "-";
  if (value !== undefined && value !== "" && (inline || dash || !value.startsWith("-"))) return;
  throw new Problem({
    subject: name,
    expected: flag.shown,
    actual: "no value",
    remedy: `write ${name} ${flag.shown}`,
  });
}

function refuseMissing<F extends Flags>(
  { name, flags }: Command<F>,
  texts: ReadonlyMap<string, unknown>,
): void {
  const missing = Object.entries(flags).flatMap(([flag, each]) =>
    each.kind === "value" && each.required === true && !texts.has(`--${flag}`)
      ? [`--${flag} ${each.shown}`]
      : [],
  );
  if (missing.length === 0) return;
  const all = new Intl.ListFormat("en", { type: "conjunction" }).format(missing);
  throw new Problem({
    subject: name,
    expected: `also ${all}`,
    remedy: "add what is missing; --help explains",
  });
}

function readValue(name: string, flag: Flag, given: ReadonlyMap<string, readonly Token[]>): unknown {
  if (flag.kind === "boolean") return given.has(name);
  const texts = given.get(name)?.map(({ value }) => value ?? "") ?? [];
  const values = (texts.length === 0 ? [flag.default ?? []].flat() : texts).map((text) =>
    parseValue(name, flag, text),
  );
  return flag.most === undefined ? values[0] : values;
}

function parseValue(name: string, flag: Value, text: string): unknown {
  const parsed = flag.parse.safeParse(text);
  if (parsed.success) return parsed.data;
  const expected = parsed.error.issues[0]?.message ?? flag.shown;
  throw new Problem({
    subject: name,
    expected,
    actual: JSON.stringify(text),
    remedy: "correct it; --help explains",
  });
}

function isGiven<F extends Flags>(flags: F, values: object): values is Given<F> {
  return Object.keys(flags).every((name) => Object.hasOwn(values, name));
}
