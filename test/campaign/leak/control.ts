// The positive control: every canary is written down in every form, by other means than the search's own.
import { gzipSync } from "node:zlib";
import type { Form } from "./forms.ts";
import type { Canary, Searcher } from "./search.ts";

/** Fewer bytes are not searched for encoded. */
const leastToEncode = 7;

/** How a careless program would write a text in the middle of others. */
const writers: Readonly<Record<Form, (text: Buffer) => readonly string[]>> = {
  plain: (text) => [`x ${text} y`],
  JSON: (text) => [JSON.stringify({ key: `${text}` }), JSON.stringify(JSON.stringify([`${text}`]))],
  URL: (text) => [`https://example.test/?q=${encodeURIComponent(`${text}`)}&r`],
  hex: (text) => [text.toString("hex"), text.toString("hex").toUpperCase()],
  base64: (text) => around(text).map((whole) => whole.toString("base64")),
  base64url: (text) => around(text).map((whole) => whole.toString("base64url")),
};

/** With texts of every length before it, so that it comes to stand at every alignment. */
function around(text: Buffer): readonly Buffer[] {
  return ["", "a", "ab", "abc"].map((before) =>
    Buffer.concat([Buffer.from(before), text, Buffer.from(" and more")]),
  );
}

/** What the search does not find of what it should, as `label: form`. */
export function missedBy(searcher: Pick<Searcher, "canaries" | "search">): readonly string[] {
  return searcher.canaries.flatMap((canary) =>
    ways(canary).flatMap(([form, written]) => {
      const found = [Buffer.from(written), gzipSync(written)].every((place) =>
        searcher.search(place).some((sighting) => sighting.canary === canary),
      );
      return found ? [] : [`${canary.label}: ${form}`];
    }),
  );
}

function ways({ text }: Canary): readonly (readonly [string, string])[] {
  const isText = Buffer.from(text.toString()).equals(text);
  return Object.entries(writers)
    .filter(([form]) => isText || !["plain", "JSON", "URL"].includes(form))
    .filter(([form]) => text.length >= leastToEncode || !/^(hex|base64)/.test(form))
    .flatMap(([form, write]) => write(text).map((written) => [form, written] as const));
}
