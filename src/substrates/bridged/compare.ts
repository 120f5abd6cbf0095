// What an update would change: a resource's state against its declared inputs, path by path.
import { isDeepStrictEqual } from "node:util";
import { type Properties, type PropertyChange, unknown } from "../double.ts";

/** How one resource type is compared. Paths are dotted with `[]` for any index: `networkDevices[].macAddress`. */
export type Shape = {
  /** Top-level inputs that are compared; everything else in the state is the provider's own. */
  readonly inputs: readonly string[];
  /** What stands where nothing is declared, if that is not nothing. */
  readonly defaults: ReadonlyMap<string, unknown>;
  /** Left as they are where not declared. */
  readonly computed: ReadonlySet<string>;
  /** Changes here replace the resource. */
  readonly replaces: ReadonlySet<string>;
  /** Lists whose order does not matter. */
  readonly sets: ReadonlySet<string>;
};

/** The changes that lead from a state to the declared inputs, in the order of the inputs. */
export function compare(state: Properties, wanted: Properties, shape: Shape): PropertyChange[] {
  return shape.inputs.flatMap((key) => compareValue(key, { before: state[key], after: wanted[key] }, shape));
}

type Pair = { readonly before: unknown; readonly after: unknown };

function compareValue(path: string, { before, after: declared }: Pair, shape: Shape): PropertyChange[] {
  const pattern = path.replace(/\[\d+\]/g, "[]");
  const after = declared === undefined ? shape.defaults.get(pattern) : declared;
  if (after === undefined && shape.computed.has(pattern)) return [];
  if (after === unknown) return before === unknown ? [] : [change(path, "update", shape)];
  if (isAbsent(before))
    return isAbsent(after) || after === 0 || after === false ? [] : [change(path, "add", shape)];
  if (isAbsent(after)) return before === 0 || before === false ? [] : [change(path, "delete", shape)];
  if (Array.isArray(before) && Array.isArray(after)) {
    return shape.sets.has(pattern)
      ? compareSets(path, { before, after }, shape)
      : compareLists(path, { before, after }, shape);
  }
  if (isObject(before) && isObject(after)) return compareObjects(path, { before, after }, shape);
  return before === after ? [] : [change(path, "update", shape)];
}

function compareLists(
  path: string,
  { before, after }: { before: unknown[]; after: unknown[] },
  shape: Shape,
): PropertyChange[] {
  const length = Math.max(before.length, after.length);
  return Array.from({ length }, (_, index) => index).flatMap((index) =>
    compareValue(`${path}[${index}]`, { before: before[index], after: after[index] }, shape),
  );
}

function compareSets(
  path: string,
  { before, after }: { before: unknown[]; after: unknown[] },
  shape: Shape,
): PropertyChange[] {
  return [
    ...after.flatMap((item, index) =>
      isIn(before, item) ? [] : [change(`${path}[${index}]`, "add", shape)],
    ),
    ...before.flatMap((item, index) =>
      isIn(after, item) ? [] : [change(`${path}[${index}]`, "delete", shape)],
    ),
  ];
}

function isIn(set: readonly unknown[], item: unknown): boolean {
  return set.some((other) => isDeepStrictEqual(other, item));
}

function compareObjects(
  path: string,
  { before, after }: { before: Properties; after: Properties },
  shape: Shape,
): PropertyChange[] {
  const keys = new Set([...Object.keys(after), ...Object.keys(before)]);
  return [...keys].flatMap((key) =>
    compareValue(`${path}.${key}`, { before: before[key], after: after[key] }, shape),
  );
}

function change(path: string, kind: "add" | "update" | "delete", shape: Shape): PropertyChange {
  const pattern = path.replace(/\[\d+\]/g, "[]");
  const within = [...shape.replaces].some(
    (replace) => pattern === replace || pattern.startsWith(`${replace}.`),
  );
  return { path, kind: within ? `${kind}-replace` : kind };
}

// What the bridge keeps as null and what the far end answers as empty are the same to it.
function isAbsent(value: unknown): boolean {
  return (
    value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0)
  );
}

function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
