// Manifests on disk: written whole or not at all, read with suspicion.
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, lstat, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { TextDecoder } from "node:util";
import type { z } from "zod";
import { Problem } from "../environment/problem.ts";
import { parseJson } from "./json.ts";
import { type Manifest, manifest as model } from "./model.ts";

/** A manifest of thousands of checks stays far below. */
const largest = 4 * 1024 * 1024;

const certifyAgain = "certify again; manifests are never edited by hand";

/**
 * Writes a manifest so that at any moment the path holds the old file or the new one, whole (temporary file beside it,
 * fsync, rename, fsync of the directory), readable by all (0644).
 * @param signal once aborted, the old file stays
 * @throws Problem where the manifest is not a valid one, the path holds anything but a file, or writing fails
 */
export async function writeManifest(path: string, manifest: Manifest, signal?: AbortSignal): Promise<void> {
  const text = `${JSON.stringify(parseManifest(manifest, path, "nothing was written; report this as a defect"), undefined, 2)}\n`;
  await refuseOtherThanFile(path);
  const temporary = join(
    dirname(path),
    `.${basename(path).slice(0, 40)}.${randomBytes(6).toString("hex")}.tmp`,
  );
  try {
    await writeThrough(temporary, text);
    signal?.throwIfAborted();
    await rename(temporary, path);
    await syncDirectory(dirname(path));
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    if (signal?.aborted && cause === signal.reason) throw cause;
    throw unwritable(path, cause);
  }
}

/**
 * Reads a manifest: one regular file of bounded size, strict UTF-8 and JSON, the model's shape and nothing else.
 * @throws Problem in one line, whatever is wrong with the file
 */
export async function readManifest(path: string): Promise<Manifest> {
  return parseManifest(parseText(await readText(path), path), path, certifyAgain);
}

function parseManifest(value: unknown, path: string, remedy: string): Manifest {
  const parsed = model.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalid(path, describe(parsed.error), remedy);
}

/** The first issue, with where it is; keys come from outside and are quoted. */
function describe(error: z.ZodError): string {
  const [issue] = error.issues;
  if (issue === undefined) return "an invalid document";
  const keys = issue.path.map((key) =>
    typeof key === "string" && /\W/.test(key) ? JSON.stringify(key) : String(key),
  );
  const where = keys.length === 0 ? "" : ` at ${keys.join(".")}`;
  const what =
    issue.code === "unrecognized_keys" ? `the unknown key ${JSON.stringify(issue.keys[0])}` : issue.message;
  const more = error.issues.length === 1 ? "" : ` and ${error.issues.length - 1} more`;
  return `${what}${where}${more}`;
}

/** A rename would put a file in the place of a device, a pipe or a link such as /dev/stdout. */
async function refuseOtherThanFile(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined || found.isFile()) return;
  throw new Problem({
    subject: path,
    expected: "a file or nothing",
    actual: found.isDirectory() ? "a directory" : "something else",
    remedy: "name another path",
  });
}

async function writeThrough(path: string, text: string): Promise<void> {
  await using file = await open(path, "wx", 0o644);
  await file.chmod(0o644);
  await file.writeFile(text, "utf8");
  await file.sync();
}

/** Without it a power cut may forget the rename. */
async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  await directory.sync();
}

async function readText(path: string): Promise<string> {
  try {
    // Without O_NONBLOCK, opening a pipe waits for its writer for ever.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!(await file.stat()).isFile()) throw new RangeError("something else than a file");
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await readBounded(file));
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** Asks for one byte more than allowed, since a file can grow after its size was read. */
async function readBounded(file: FileHandle): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of file.createReadStream({ end: largest, autoClose: false })) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    size += bytes.length;
  }
  if (size > largest) throw new RangeError(`more than ${largest} bytes`);
  return Buffer.concat(chunks);
}

function parseText(text: string, path: string): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    throw invalid(path, cause instanceof SyntaxError ? cause.message : "no JSON", certifyAgain);
  }
}

function invalid(path: string, actual: string, remedy: string): Problem {
  return new Problem({
    subject: `manifest ${path}`,
    expected: "a release-environment-certification/v1 document",
    actual,
    remedy,
  });
}

function unreadable(path: string, cause: unknown): Problem {
  return new Problem(
    {
      subject: `manifest ${path}`,
      expected: "a readable file",
      actual: reason(cause),
      remedy: "name another file or certify again",
    },
    { cause },
  );
}

function unwritable(path: string, cause: unknown): Problem {
  return new Problem(
    {
      subject: `manifest ${path}`,
      expected: "a path that can be written",
      actual: reason(cause),
      remedy: "mend the directory or name another path",
    },
    { cause },
  );
}

function reason(cause: unknown): string {
  if (cause instanceof RangeError) return cause.message;
  if (cause instanceof TypeError) return "text that is not UTF-8";
  return cause instanceof Error && "code" in cause ? String(cause.code) : "an error";
}
