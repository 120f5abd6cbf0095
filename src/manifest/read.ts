// Reads manifests with suspicion: one regular file or stream of bounded size, strict UTF-8 and JSON, the model's shape.
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { addAbortSignal } from "node:stream";
import { TextDecoder } from "node:util";
import { Problem } from "../environment/problem.ts";
import { parseJson } from "./json.ts";
import type { Manifest } from "./model.ts";
import { invalid, parseManifest } from "./parse.ts";

/** A manifest of thousands of checks stays far below. */
const largest = 4 * 1024 * 1024;

/** A manifest with the digest of the very bytes that it was read from. */
export type Document = {
  readonly manifest: Manifest;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
};

/** Reads a manifest. Throws `Problem` in one line, whatever is wrong with the file. */
export async function readManifest(path: string): Promise<Manifest> {
  return (await readDocument(path)).manifest;
}

/** Reads a file; a link, a pipe or a device is none. Throws `Problem`. */
export async function readDocument(path: string): Promise<Document> {
  const subject = `manifest ${path}`;
  return parseBytes(await readBytes(path).catch((cause: unknown) => refuse(subject, cause)), subject);
}

/** Reads a stream to its end. Throws `Problem`, or the signal's reason. */
export async function readStream(stream: Readable, signal: AbortSignal): Promise<Document> {
  const subject = "manifest on standard input";
  const bytes = await readBounded(addAbortSignal(signal, stream)).catch((cause: unknown) => {
    signal.throwIfAborted();
    return refuse(subject, cause);
  });
  return parseBytes(bytes, subject);
}

/** Parses a document's bytes. Throws `Problem` about the subject. */
export function parseBytes(bytes: Uint8Array, subject: string): Document {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const value = parseText(decode(bytes, subject), subject);
  return { manifest: parseManifest(value, { subject, remedy: certifyAgain }), sha256 };
}

const certifyAgain = "certify again; manifests are never edited by hand";

async function readBytes(path: string): Promise<Uint8Array> {
  // Without O_NONBLOCK, opening a pipe waits for its writer for ever.
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  if (!(await file.stat()).isFile()) throw new RangeError("something else than a file");
  return await readBounded(file.createReadStream());
}

async function readBounded(stream: Readable): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    size += bytes.length;
    if (size > largest) throw new RangeError(`more than ${largest} bytes`);
  }
  return Buffer.concat(chunks);
}

function decode(bytes: Uint8Array, subject: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    return refuse(subject, cause);
  }
}

function parseText(text: string, subject: string): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    throw invalid(
      { subject, remedy: certifyAgain },
      cause instanceof SyntaxError ? cause.message : "no JSON",
    );
  }
}

function refuse(subject: string, cause: unknown): never {
  const remedy = "name another file or certify again";
  throw new Problem({ subject, expected: "a readable file", actual: reason(cause), remedy }, { cause });
}

function reason(cause: unknown): string {
  if (cause instanceof RangeError) return cause.message;
  if (!(cause instanceof Error) || !("code" in cause)) return "an error";
  if (cause.code === "ERR_ENCODING_INVALID_ENCODED_DATA") return "text that is not UTF-8";
  return cause.code === "ELOOP" ? "a symbolic link" : String(cause.code);
}
