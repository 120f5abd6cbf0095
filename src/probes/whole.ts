// A reading that nothing is missing from: from one that was cut short, nothing is told.
import { Unreadable } from "../check/unreadable.ts";
import type { Reading } from "./transport.ts";

/** What a probe came to. Throws `Unreadable` where it was not answered, or not to the end. @param what for the debug log */
export function whole(reading: Reading | undefined, what: string): Reading {
  if (reading === undefined || reading.truncated) throw new Unreadable("truncated", what);
  return reading;
}
