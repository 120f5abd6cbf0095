// The recording of the real plugin: reading it, and telling what an answer of ours lacks against a recorded one.
import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";

const file = new URL("../../../../../../shared/pve/transcript.jsonl", import.meta.url);

/** Whether the recording is there. */
export const recorded = existsSync(file);

const record = z.object({
  n: z.number(),
  step: z.string(),
  method: z.string(),
  path: z.string(),
  query: z.record(z.string(), z.string()),
  requestBody: z.record(z.string(), z.string()).nullable(),
  status: z.number(),
  statusMessage: z.string().optional(),
  responseBody: z.object({ data: z.unknown() }),
});

export type Recorded = z.infer<typeof record>;

const all = recorded
  ? readFileSync(file, "utf8")
      .trim()
      .split("\n")
      .map((line) => record.parse(JSON.parse(line)))
  : [];

/** The requests of one step, in order; the path without the API's base. */
export function stepOf(step: string): Recorded[] {
  const found = all.filter((one) => one.step === step);
  return found.map((one) => ({ ...one, path: decodeURI(one.path.slice("/api2/json".length)) }));
}

/** What identifies a row in a list. */
const identities = ["vmid", "iface", "volid", "cidr", "pos", "storage", "node", "poolid", "name"];

/** Values that are made up anew by each server, or depend on its clock. */
const volatile = new Set(
  "digest smbios1 vmgenid meta uptime ctime mem pid used avail used_fraction priority ssl_fingerprint upid starttime pstart cpu".split(
    " ",
  ),
);

/**
 * Where ours lacks a key that the recorded one has, has another JSON type there, or another value (but for what is
 * volatile). More keys and more rows are no difference: our cluster has more than the recorded one.
 */
export function lacks(theirs: unknown, ours: unknown, at = "data"): string[] {
  if (Array.isArray(theirs)) return Array.isArray(ours) ? rowsLack(theirs, ours, at) : [`${at}: is no list`];
  const [wanted, given] = [fields.safeParse(theirs), fields.safeParse(ours)];
  if (wanted.success !== given.success || typeof theirs !== typeof ours)
    return [`${at}: ${JSON.stringify(ours)} is not of the type of ${JSON.stringify(theirs)}`];
  if (!wanted.success)
    return theirs === ours ? [] : [`${at}: ${JSON.stringify(ours)} instead of ${JSON.stringify(theirs)}`];
  return Object.entries(wanted.data).flatMap(([key, value]) => {
    const mine = given.data?.[key];
    if (mine === undefined) return [`${at}.${key}: is missing`];
    if (volatile.has(key)) return typeof value === typeof mine ? [] : [`${at}.${key}: is no ${typeof value}`];
    return lacks(value, mine, `${at}.${key}`);
  });
}

const fields = z.record(z.string(), z.unknown());

function rowsLack(theirs: readonly unknown[], ours: readonly unknown[], at: string): string[] {
  return theirs.flatMap((row, index) => {
    const key = identities.find((key) => fields.safeParse(row).data?.[key] !== undefined);
    if (key === undefined) return lacks(row, ours[index], `${at}[${index}]`);
    const value = fields.parse(row)[key];
    const mine = ours.find((other) => fields.safeParse(other).data?.[key] === value);
    return mine === undefined
      ? [`${at}: has no row with ${key} ${value}`]
      : lacks(row, mine, `${at}[${key}=${value}]`);
  });
}
