// How a text may be written down: every form in which a search must know it again.

/** The forms by name. */
export const forms = ["plain", "JSON", "URL", "hex", "base64", "base64url"] as const;

/** One of them. */
export type Form = (typeof forms)[number];

/** A text in one form, as the bytes that stand in a file. */
export type Written = { readonly form: Form; readonly bytes: Buffer };

/** Shorter ones say too little once they are encoded: by chance alone they would be found everywhere. */
const leastToEncode = 7;

/** All ways to write it; several for one form where case, nesting or alignment make them differ. */
export function formsOf(text: Buffer): readonly Written[] {
  const plain = text.toString();
  const quoted = JSON.stringify(plain).slice(1, -1);
  const nested = JSON.stringify(quoted).slice(1, -1);
  const escaped = encodeURIComponent(plain);
  const lower = escaped.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  // What is no text (a key's own bytes) is only ever written down encoded.
  const isText = Buffer.from(plain).equals(text);
  const written: readonly (readonly [Form, string])[] = [
    ...(isText ? ([["plain", plain]] as const) : []),
    ...(isText ? [quoted, nested].map((each) => ["JSON", each] as const) : []),
    ...(isText ? [escaped, lower].map((each) => ["URL", each] as const) : []),
    ...(text.length < leastToEncode ? [] : encoded(text)),
  ];
  const distinct = new Map(written.toReversed().map(([form, said]) => [said, form] as const));
  return [...distinct].map(([said, form]) => ({ form, bytes: Buffer.from(said) }));
}

function encoded(text: Buffer): readonly (readonly [Form, string])[] {
  const hex = text.toString("hex");
  const middles = [0, 1, 2].map((offset) => middleOf(text, offset));
  return [
    ...[hex, hex.toUpperCase()].map((each) => ["hex", each] as const),
    ...middles.map((each) => ["base64", each] as const),
    ...middles.map((each) => ["base64url", each.replaceAll("+", "-").replaceAll("/", "_")] as const),
  ];
}

/**
 * The base64 of a text that stands somewhere inside of a longer one: without the characters at its ends, which depend on
 * what is around it.
 * @param offset how many bytes of the last group of three are before it
 */
function middleOf(text: Buffer, offset: number): string {
  const base64 = Buffer.concat([Buffer.alloc(offset), text]).toString("base64");
  const whole = Math.floor(((offset + text.length) * 8) / 6);
  return base64.slice(Math.ceil((offset * 8) / 6), whole);
}
