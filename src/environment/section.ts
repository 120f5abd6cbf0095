// One substrate's stack config: where its values come from, and the door through which they are parsed.
import type { z } from "zod";
import { Problem } from "./problem.ts";

/** Stack config as key → value: `substrate:topology` → `"sam-full"`; objects and lists already parsed. */
export type RawConfig = Readonly<Record<string, unknown>>;

/**
 * Parses all keys of one namespace with a strict model, so that an unknown key is refused.
 * @param origin where the values come from, for the error: `stacks/Pulumi.<environment>-<substrate>.yaml`
 * @throws Problem naming origin, key and expectation
 */
export function parseSection<M extends z.ZodType>(
  raw: RawConfig,
  namespace: string,
  door: { readonly model: M; readonly origin: string },
): z.infer<M> {
  const prefix = `${namespace}:`;
  const own = Object.entries(raw)
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, value]) => [key.slice(prefix.length), value]);
  const parsed = door.model.safeParse(Object.fromEntries(own));
  if (parsed.success) return parsed.data;
  throw problemOf(parsed.error, prefix, door.origin);
}

/**
 * Pulumi hands objects and lists to a program as JSON text; files hold them as they are. This makes them alike.
 * @throws Problem where a value begins like JSON and is not
 */
export function decodeValues(values: Readonly<Record<string, string>>): RawConfig {
  const decoded = Object.entries(values).map(([key, value]) => [key, decodeValue(key, value)]);
  return Object.fromEntries(decoded);
}

function decodeValue(key: string, value: string): unknown {
  if (!/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch (cause) {
    throw new Problem(
      { subject: `config ${key}`, expected: "JSON", remedy: "set it again with `pulumi config set`" },
      { cause },
    );
  }
}

function problemOf(error: z.ZodError, prefix: string, origin: string): Problem {
  const [issue] = error.issues;
  const path = issue === undefined ? "" : issue.path.map(asWord).join(".");
  const unknown = issue?.code === "unrecognized_keys" ? issue.keys.map(asWord).join(", ") : undefined;
  return new Problem({
    subject: `${origin} ${prefix}${unknown === undefined ? path : [path, unknown].filter(Boolean).join(".")}`,
    expected: unknown === undefined ? expectationOf(issue) : "a known key",
    remedy: "correct the stack config",
  });
}

/** A key as it is, or quoted where it would not stay on the line. */
function asWord(key: PropertyKey): string {
  const text = String(key);
  return /^[\w:.-]+$/.test(text) ? text : JSON.stringify(text);
}

/** zod says "Invalid input: expected string, received number"; the line says "expected" already. */
function expectationOf(issue: z.core.$ZodIssue | undefined): string {
  return issue?.message.replace(/^[\w ]+: expected /, "") ?? "a valid value";
}
