// One line of the API: method, path, what parameters it takes, who may call it, and what it does.
import { z } from "zod";
import { demand, type Need } from "./needs.ts";
import { invalid } from "./refusal.ts";
import type { Caller } from "./tokens.ts";

/** A route, ready to be asked. */
export type Route = {
  readonly method: string;
  /** `/nodes/{node}/network` */
  readonly path: string;
  /** What a call takes before anything is done; none: every token may, and is shown what it may see. */
  readonly needs?: Need | undefined;
  /** Whether a success changes something. */
  readonly writes: boolean;
  /** The decoded parameters in a path; none: it is another route's. */
  readonly match: (path: string) => Record<string, string> | undefined;
  /** The JSON body. Throws `Refusal`. */
  readonly answer: (caller: Caller, parameters: Readonly<Record<string, string>>) => Record<string, unknown>;
};

type Definition<M extends z.ZodType> = {
  /** All parameters: of path, query and body. Others are refused. */
  readonly model: M;
  /** As PVE's API description has it; none: it says `user: all`. */
  readonly needs?: Need;
  /** The `data` of the answer. */
  readonly run: (parameters: z.infer<M>, caller: Caller) => unknown;
  /** What stands beside `data`. */
  readonly beside?: (parameters: z.infer<M>, caller: Caller) => Record<string, unknown>;
  /** Where a method that usually writes only reads. */
  readonly writes?: false;
};

/** Defines a route: `GET /nodes/{node}/network`; `{volume*}` takes the rest of the path. */
export function route<M extends z.ZodType>(line: `${Method} ${string}`, definition: Definition<M>): Route {
  const [method = "", pattern = ""] = line.split(" ");
  const { model, needs, run, beside } = definition;
  return {
    method,
    path: pattern.replaceAll("*}", "}"),
    needs,
    writes: method !== "GET" && definition.writes !== false,
    match: matcher(pattern),
    answer: (caller, raw) => {
      if (needs !== undefined) demand(caller, needs, raw);
      const parameters = parse(model, raw);
      const data = run(parameters, caller) ?? null;
      return { data, ...beside?.(parameters, caller) };
    },
  };
}

type Method = "GET" | "POST" | "PUT" | "DELETE";

/** A boolean: PVE takes `0` and `1`, and some words. */
export const flag = z
  .enum(["0", "1", "no", "yes", "off", "on", "false", "true"])
  .transform((text) => /^(1|yes|on|true)$/.test(text));

/** A whole number. */
export const whole = z.string().regex(/^\d+$/).transform(Number);

/** A boolean as it is kept and given back. */
export const bit = flag.transform((yes) => (yes ? 1 : 0));

/** An array: PVE puts a parameter that comes several times together with NULs between. */
export const list = z.string().transform((text) => text.split("\0"));

/** A list of names: `net2,net3`. */
export const names = z.string().transform((text) => text.split(/[,;\s]+/).filter((name) => name !== ""));

/** Text; empty is as good as not given. */
export const optional = z
  .string()
  .optional()
  .transform((text) => (text === "" ? undefined : text));

function matcher(pattern: string): Route["match"] {
  const source = pattern.replaceAll(
    /\{(\w+)(\*?)\}/g,
    (_, name: string, rest: string) => `(?<${name}>${rest ? ".+" : "[^/]+"})`,
  );
  const expression = new RegExp(`^${source}/?$`);
  return (path) => {
    const found = expression.exec(path);
    if (found === null) return undefined;
    const groups = Object.entries(found.groups ?? {});
    return Object.fromEntries(groups.map(([name, text]) => [name, decodeURIComponent(text)]));
  };
}

function parse<M extends z.ZodType>(model: M, raw: Readonly<Record<string, string>>): z.infer<M> {
  const result = model.safeParse(raw);
  if (result.success) return result.data;
  throw invalid(Object.fromEntries(result.error.issues.flatMap(errorsOf)));
}

/** PVE has no JSON path: parameters are flat. */
function errorsOf(issue: z.core.$ZodIssue): [string, string][] {
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => [
      key,
      "property is not defined in schema and the schema does not allow additional properties",
    ]);
  return [[issue.path.join("."), issue.message]];
}
