// Reads the certifications that are named: files, standard input, or what the ledger holds.
import type { Readable } from "node:stream";
import { Unreadable } from "../check/unreadable.ts";
import { Problem } from "../environment/problem.ts";
import type { Certification, Ledger } from "../ledger/ledger.ts";
import { type Document, parseBytes, readDocument, readStream } from "../manifest/read.ts";
import { type Refusal, refusalOf } from "./refusal.ts";
import type { Certified, Request } from "./request.ts";

/** Where `-` and `ledger` come from; no ledger where nobody could be asked. */
export type Origins = {
  readonly input: Readable;
  readonly ledger: Ledger | Unreadable | undefined;
  readonly signal: AbortSignal;
};

/** What could be read, and why the rest could not. */
export type Read = { readonly certified: readonly Certified[]; readonly refusals: readonly Refusal[] };

/** Reads them all; each that can not be read is one refusal. */
export async function readSources(
  { certifications, providers }: Pick<Request, "certifications" | "providers">,
  { input, ledger, signal }: Origins,
): Promise<Read> {
  const read = await Promise.all(
    certifications.map(async (source) => {
      if (source === "ledger") return fromLedger(ledger, providers);
      if (source === "-") return [await tried("standard input", () => readStream(input, signal))];
      return [await tried(source, () => readDocument(source))];
    }),
  );
  const all = read.flat();
  return {
    certified: all.filter((one) => "manifest" in one),
    refusals: all.filter((one) => "code" in one),
  };
}

async function tried(source: string, work: () => Promise<Document>): Promise<Certified | Refusal> {
  try {
    return { source, ...(await work()) };
  } catch (error) {
    if (error instanceof Problem) return refusalOf("manifest", error);
    throw error;
  }
}

/** A ledger that could not be read is refused where the backend is judged. */
async function fromLedger(
  ledger: Ledger | Unreadable | undefined,
  providers: readonly string[],
): Promise<readonly (Certified | Refusal)[]> {
  if (ledger === undefined || ledger instanceof Unreadable) return [];
  const missing = providers.filter((provider) => ledger.certifications[provider] === undefined);
  const entries = providers.flatMap((provider) => ledger.certifications[provider] ?? []);
  const distinct = new Map(entries.map((entry) => [entry.sha256, entry]));
  const read = [...distinct.values()].map((entry) =>
    tried(`the ledger's ${entry.manifestId}`, async () => parseEntry(entry)),
  );
  return [...missing.map(nothingOf), ...(await Promise.all(read))];
}

function parseEntry(entry: Certification): Document {
  const subject = `the ledger's ${entry.manifestId}`;
  const document = parseBytes(Buffer.from(entry.manifest, "utf8"), subject);
  if (document.sha256 === entry.sha256) return document;
  const remedy = "certify again with --publish";
  throw new Problem({ subject, expected: "the bytes of its digest", actual: "others", remedy });
}

function nothingOf(provider: string): Refusal {
  return {
    code: "ledger",
    subject: `the ledger's certification of ${provider}`,
    expected: "one",
    actual: "none",
    remedy: "certify with --publish, or name a manifest",
  };
}
