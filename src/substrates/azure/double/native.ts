// How azure-native compares inputs and reads them back: declared against declared, and by what changed between two readings.
import { isDeepStrictEqual } from "node:util";
import type { Properties, PropertyChange } from "../../double.ts";

/**
 * The changes that lead from old inputs to new ones, element by element (pulumi-azure-native, provider/diff.go).
 * @param replaces paths of which a change makes the resource anew, `[]` for any index
 */
export function changesOf(
  before: Properties,
  after: Properties,
  replaces: ReadonlySet<string>,
): readonly PropertyChange[] {
  const keys = new Set([...Object.keys(after), ...Object.keys(before)]);
  return [...keys].flatMap((key) => changesAt(key, { before: before[key], after: after[key] }, replaces));
}

type Pair = { readonly before: unknown; readonly after: unknown };

function changesAt(path: string, { before, after }: Pair, replaces: ReadonlySet<string>): PropertyChange[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (isObject(before) && isObject(after)) {
    const keys = new Set([...Object.keys(after), ...Object.keys(before)]);
    return [...keys].flatMap((key) =>
      changesAt(`${path}.${key}`, { before: before[key], after: after[key] }, replaces),
    );
  }
  if (Array.isArray(before) && Array.isArray(after))
    return Array.from({ length: Math.max(before.length, after.length) }, (_, index) => index).flatMap(
      (index) => changesAt(`${path}[${index}]`, { before: before[index], after: after[index] }, replaces),
    );
  const kind = isNothing(before) ? "add" : isNothing(after) ? "delete" : "update";
  const pattern = path.replaceAll(/\[\d+\]/g, "[]");
  const anew = [...replaces].some((one) => pattern === one || pattern.startsWith(`${one}.`));
  return isNothing(before) && isNothing(after) ? [] : [{ path, kind: anew ? `${kind}-replace` : kind }];
}

/**
 * The inputs after a refresh: what changed between two readings is laid over them, and nothing else, since Azure fills in
 * much that nobody declared (pulumi-azure-native, provider/diff.go, applyDiff).
 */
export function refreshed(inputs: Properties, before: Properties, after: Properties): Properties {
  const result: Record<string, unknown> = { ...inputs };
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [then, now] = [before[key], after[key]];
    if (isDeepStrictEqual(then, now)) continue;
    if (isNothing(now)) delete result[key];
    else result[key] = key in inputs && !isNothing(then) ? laidOver(inputs[key], then, now) : now;
  }
  return result;
}

function laidOver(input: unknown, then: unknown, now: unknown): unknown {
  if (isObject(input) && isObject(then) && isObject(now)) return refreshed(input, then, now);
  if (Array.isArray(input) && Array.isArray(then) && Array.isArray(now))
    return now.map((one, index) =>
      index < input.length && index < then.length ? laidOver(input[index], then[index], one) : one,
    );
  return isDeepStrictEqual(then, now) ? input : now;
}

/** The engine knows no difference between what is null and what is not there. */
function isNothing(value: unknown): boolean {
  return value === undefined || value === null;
}

function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
