// Holds answers to PVE's own API description, where that is at hand: `returns` of ../shared/pve/api.json.
import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";

const file = new URL("../../../../../../shared/pve/api.json", import.meta.url);

const schema = z.object({
  type: z.string().optional(),
  optional: z.number().optional(),
  enum: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  get items() {
    return schema.optional();
  },
  get properties() {
    return z.record(z.string(), schema).optional();
  },
});
type Schema = z.infer<typeof schema>;

const api = z.record(z.string(), z.record(z.string(), z.object({ returns: schema.optional() })));

/** Whether the description is there; a reason to skip where it is not. */
export const described = existsSync(file);
const paths = described ? Object.entries(api.parse(JSON.parse(readFileSync(file, "utf8")))) : [];

/** What an answer's `data` has against the description; empty where all is well or nothing is described. */
export function violations(method: string, path: string, data: unknown): string[] {
  const [, methods] = paths.find(([pattern]) => matches(pattern, path)) ?? ["", {}];
  const returns = methods[method]?.returns;
  if (returns === undefined) return [];
  return differences(returns, data, "data");
}

/** Literal paths come before those with parameters in them at the same place. */
function matches(pattern: string, path: string): boolean {
  const [wanted, given] = [pattern.split("/"), path.split("/")];
  return (
    wanted.length === given.length && wanted.every((part, at) => part.startsWith("{") || part === given[at])
  );
}

function differences(wanted: Schema, value: unknown, at: string): string[] {
  if (!isOfType(wanted.type, value)) return [`${at}: ${JSON.stringify(value)} is no ${wanted.type}`];
  if (wanted.enum !== undefined && !wanted.enum.includes(String(value)))
    return [`${at}: ${value} is not in its enum`];
  if (Number(value) < (wanted.minimum ?? -Infinity) || Number(value) > (wanted.maximum ?? Infinity))
    return [`${at}: ${value} is out of range`];
  if (Array.isArray(value))
    return value.flatMap((item, index) => differences(wanted.items ?? {}, item, `${at}[${index}]`));
  return Object.entries(wanted.properties ?? {}).flatMap(([key, inner]) => {
    const field = fieldsOf(value)[key];
    if (field === undefined) return inner.optional === 1 ? [] : [`${at}.${key}: is missing`];
    return differences(inner, field, `${at}.${key}`);
  });
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return z.record(z.string(), z.unknown()).catch({}).parse(value);
}

/**
 * PVE's types are loose: numbers come as text too, booleans are 0 and 1. That covers all places where the recording of
 * the real plugin needs another type (mtu and a rule's own pos as text), so there is no list of exceptions.
 */
function isOfType(type: string | undefined, value: unknown): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "boolean":
      return value === 0 || value === 1 || value === "0" || value === "1";
    case "integer":
      return isScalar(value) && Number.isInteger(Number(value));
    case "number":
      return isScalar(value) && Number.isFinite(Number(value));
    case "string":
      return isScalar(value);
    default:
      return true;
  }
}

function isScalar(value: unknown): boolean {
  return (typeof value === "string" && value !== "") || typeof value === "number" || value === "";
}
