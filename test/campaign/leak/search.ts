// Finds many canaries in all their forms in one pass over the bytes of a place.
import { gunzipSync } from "node:zlib";
import { type Form, formsOf } from "./forms.ts";

/** Something whose text must not get out. */
export type Canary = {
  /** What kind of thing it is; what is allowed is said by kind. */
  readonly kind: Kind;
  /** Where it is from, without itself: `lab-pve pve:token`. */
  readonly label: string;
  readonly text: Buffer;
};

/** Kinds of canaries. */
export type Kind =
  | "secret"
  | "private key"
  | "user data"
  | "address"
  | "MAC"
  | "provider ID"
  | "pin"
  | "far end's words"
  | "outsider's words";

/** A canary that was found, and how it was written there. */
export type Sighting = { readonly canary: Canary; readonly form: Form };

type Pattern = Sighting & { readonly bytes: Buffer };

/** Of every pattern so many bytes are looked up at once. */
const head = 4;

/** Knows all canaries. Building it costs more than a search does: it is for many places. */
export class Searcher {
  readonly canaries: readonly Canary[];
  /** How many patterns there are, over all canaries and forms. */
  readonly patterns: number;
  readonly #byHead = new Map<number, Pattern[]>();
  /** Whether any head hashes to this; most positions need no more than this. */
  readonly #maybe = new Uint8Array(1 << 16);

  constructor(canaries: readonly Canary[]) {
    this.canaries = canaries;
    const patterns = canaries.flatMap((canary) =>
      formsOf(canary.text).map(({ form, bytes }) => ({ canary, form, bytes })),
    );
    this.patterns = patterns.length;
    for (const pattern of patterns) this.#learn(pattern);
  }

  #learn(pattern: Pattern): void {
    if (pattern.bytes.length < head) throw new RangeError(`${pattern.canary.label} is too short to be found`);
    const key = pattern.bytes.readUInt32BE();
    this.#maybe[hash(key)] = 1;
    this.#byHead.set(key, [...(this.#byHead.get(key) ?? []), pattern]);
  }

  /** Each canary in each form at most once. What is compressed is looked into too. */
  search(bytes: Buffer): readonly Sighting[] {
    const found = new Set<Pattern>();
    for (let at = 0, key = 0; at < bytes.length; at += 1) {
      key = ((key << 8) | (bytes[at] ?? 0)) >>> 0;
      if (this.#maybe[hash(key)] === 0) continue;
      for (const pattern of this.#byHead.get(key) ?? [])
        if (!found.has(pattern) && standsAt(pattern, bytes, at + 1 - head)) found.add(pattern);
    }
    return [...found, ...this.#inside(bytes)];
  }

  #inside(bytes: Buffer): readonly Sighting[] {
    if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return [];
    return this.search(gunzipSync(bytes));
  }
}

function hash(key: number): number {
  return Math.imul(key, 0x9e3779b1) >>> 16;
}

function standsAt({ bytes: wanted, form }: Pattern, bytes: Buffer, at: number): boolean {
  if (at < 0 || at + wanted.length > bytes.length) return false;
  if (bytes.compare(wanted, 0, wanted.length, at, at + wanted.length) !== 0) return false;
  return form !== "plain" || wanted.length > longestWord || isWord(bytes, at, at + wanted.length);
}

/** Texts up to this length could be part of another number or address by chance: they must stand alone. */
const longestWord = 18;

/** Whether these bytes are no part of a longer word or number, nor of a UUID or digest. */
function isWord(bytes: Buffer, from: number, to: number): boolean {
  const before = bytes.toString("latin1", Math.max(0, from - 40), from);
  const after = bytes.toString("latin1", to, to + 40);
  if (/[0-9A-Za-z]$/.test(before) || /^[0-9A-Za-z]/.test(after)) return false;
  if (/\d\.$/.test(before) || /^\.\d/.test(after)) return false;
  const word = bytes.toString("latin1", from, to);
  return !(/[0-9a-f]-$/.test(before) && isInUuid(before, word, after));
}

function isInUuid(before: string, word: string, after: string): boolean {
  const around = `${before.match(/[0-9a-f-]*$/)?.[0]}${word}${after.match(/^[0-9a-f-]*/)?.[0]}`;
  return /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/.test(around);
}
