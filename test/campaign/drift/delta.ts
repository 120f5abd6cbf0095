// What a change has done to a far end: every place of its state that is not what it was.
import { isDeepStrictEqual } from "node:util";

/** A place in a state, as keys from the top. */
type Place = readonly string[];

/** A place, and what was there before. */
export type Difference = { readonly at: Place; readonly before: unknown };

/** What moves by itself or is given anew with every start or instance: times, and what is counted and drawn. */
const moving = new Set([
  ...["startedAt", "launchedAt", "createdAt", "provisionedAt", "ctime", "issued", "etag"],
  ...["hostKey", "instanceId"],
]);

/** Where two states differ. */
export function differencesOf(before: unknown, after: unknown, at: Place = []): readonly Difference[] {
  if (moving.has(at.at(-1) ?? "") || isDeepStrictEqual(before, after)) return [];
  if (!isObject(before) || !isObject(after)) return [{ at, before }];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => differencesOf(before[key], after[key], [...at, key]));
}

/** Of these differences, those where a later state is still not what was there before, but for what is drawn anew. */
export function stillThere(differences: readonly Difference[], now: unknown): readonly Difference[] {
  const isLeft = ({ at, before }: Difference) =>
    differencesOf(undrawn(before), undrawn(memberAt(now, at)), at).length > 0;
  return differences.filter(isLeft);
}

/**
 * A repair tags everything with a run of its own, and with when that expires; a NIC that was taken away comes back with
 * another MAC address, which makes the guest another instance; a rule or a bond that was taken away is another one.
 */
const drawn = new RegExp(
  [
    String.raw`\brun-\d{8}-\d{6}-\w{4}\b`,
    String.raw`\d{4}-\d\d-\d\dT[\d:.]+Z`,
    String.raw`\b(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}\b`,
    String.raw`(?<=instance-id: )\S+`,
    String.raw`\b(?:sgr|key|eipassoc|rtbassoc)-[0-9a-f]+\b`,
  ].join("|"),
  "g",
);

function undrawn(value: unknown): unknown {
  if (typeof value === "string") return value.replaceAll(drawn, "…");
  if (Array.isArray(value)) return value.map(undrawn);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, undrawn(inner)]));
}

/** What a state has at a place. */
export function memberAt(state: unknown, at: Place): unknown {
  return at.reduce<unknown>((inside, key) => (isObject(inside) ? inside[key] : undefined), state);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
