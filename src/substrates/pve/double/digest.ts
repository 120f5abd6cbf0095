// SHA-1 digests, by which PVE's clients recognise that something has changed.
import { createHash } from "node:crypto";

/** Of anything that JSON can hold. */
export function digestOf(content: unknown): string {
  return createHash("sha1").update(JSON.stringify(content)).digest("hex");
}
