// What a change has done to a far end: every place of its state that is not what it was.
import { isDeepStrictEqual } from "node:util";

/** A place in a state, as keys from the top. */
type Place = readonly string[];

/** A place, and what was there before. */
export type Difference = { readonly at: Place; readonly before: unknown };

/** What moves by itself or is given anew with every start: times, and what the far end counts and draws. */
const moving = new Set(["startedAt", "launchedAt", "createdAt", "provisionedAt", "ctime", "issued", "etag"]);

/** Where two states differ. */
export function differencesOf(before: unknown, after: unknown, at: Place = []): readonly Difference[] {
  if (moving.has(at.at(-1) ?? "") || isDeepStrictEqual(before, after)) return [];
  if (!isObject(before) || !isObject(after)) return [{ at, before }];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => differencesOf(before[key], after[key], [...at, key]));
}

/** Of these differences, those where a later state is still not what was there before, whatever run it belongs to. */
export function stillThere(differences: readonly Difference[], now: unknown): readonly Difference[] {
  const isLeft = ({ at, before }: Difference) =>
    differencesOf(ofNoRun(before), ofNoRun(at.reduce(member, now)), at).length > 0;
  return differences.filter(isLeft);
}

/** A repair tags everything with a run of its own, and with when that expires. */
function ofNoRun(value: unknown): unknown {
  if (typeof value === "string")
    return value.replaceAll(/\brun-\d{8}-\d{6}-\w{4}\b|\d{4}-\d\d-\d\dT[\d:.]+Z/g, "…");
  if (Array.isArray(value)) return value.map(ofNoRun);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, ofNoRun(inner)]));
}

function member(inside: unknown, key: string): unknown {
  return isObject(inside) ? inside[key] : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
