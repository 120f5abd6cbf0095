// One text and one digest for one value, whatever the order in which its keys were set.
import { createHash } from "node:crypto";

/**
 * JSON with sorted keys and no spaces, as RFC 8785 writes it; keys without a value are left out and `toJSON` is
 * honoured, so secrets stay placeholders.
 * @throws TypeError for what JSON has no place for (NaN, bigint, functions, Map, cycles, a hole in a list)
 */
export function canonical(value: unknown): string {
  return write(value, []);
}

/** SHA-256 over the canonical JSON of a value, as 64 hexadecimal digits. */
export function digest(value: unknown): string {
  return createHash("sha256").update(canonical(value)).digest("hex");
}

function write(value: unknown, above: readonly object[]): string {
  if (typeof value === "string") return writeString(value);
  if (value === null || typeof value === "boolean" || Number.isFinite(value)) return JSON.stringify(value);
  if (typeof value !== "object")
    throw new TypeError(`no canonical JSON for ${typeof value} ${String(value)}`);
  if (above.includes(value)) throw new TypeError("no canonical JSON for a cycle");
  const within = [...above, value];
  if (hasToJson(value)) return write(value.toJSON(), within);
  if (Array.isArray(value)) return `[${Array.from(value, (item) => write(item, within)).join(",")}]`;
  return writeObject(value, within);
}

/** Half a surrogate pair has no UTF-8, so two different texts would get one digest. */
function writeString(text: string): string {
  if (text.isWellFormed()) return JSON.stringify(text);
  throw new TypeError("no canonical JSON for text with half a surrogate pair");
}

function writeObject(value: object, within: readonly object[]): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw new TypeError("no canonical JSON for a class instance");
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${writeString(key)}:${write(member, within)}`);
  return `{${members.join(",")}}`;
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return "toJSON" in value && typeof value.toJSON === "function";
}
