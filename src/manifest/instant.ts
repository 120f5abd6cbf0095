// Points in time as the manifest writes them: the `date-time` of RFC 3339, section 5.6.
import { z } from "zod";

const pattern =
  /^(\d{4}-\d{2}-\d{2})[Tt]((?:[01]\d|2[0-3]):[0-5]\d):([0-5]\d|60)(\.\d+)?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** An RFC 3339 date and time with its offset, kept as the text that it came as. */
export const instant = z
  .string()
  .refine((text) => !Number.isNaN(msOf(text)), "expected a date and time such as 2026-06-28T01:00:00Z")
  .meta({ format: "date-time" });

/** Milliseconds since 1970 of an RFC 3339 date and time; NaN where the text is none. */
export function msOf(text: string): number {
  const [, date = "", minutes, second, fraction = "", zone = ""] = pattern.exec(text) ?? [];
  if (!isCalendarDay(date)) return Number.NaN;
  const leap = second === "60";
  const ms = Date.parse(`${date}T${minutes}:${leap ? "59" : second}${fraction}${zone.toUpperCase()}`);
  if (!leap) return ms;
  return endsUtcDay(ms) ? ms + 1_000 : Number.NaN;
}

/** The parser of Date rolls the 30th of February over into March. */
function isCalendarDay(date: string): boolean {
  const midnight = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(date);
}

/** Leap seconds are put in at midnight UTC only. */
function endsUtcDay(ms: number): boolean {
  const day = 86_400;
  return ((Math.floor(ms / 1_000) % day) + day) % day === day - 1;
}
