// Manifests and other evidence on disk: written whole or not at all.
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { lstat, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Problem } from "../environment/problem.ts";
import type { Manifest } from "./model.ts";
import { parseManifest } from "./parse.ts";

/**
 * Writes a manifest, as {@link writeWhole}.
 * @returns the text that was written
 * @throws Problem also where the manifest is not a valid one
 */
export async function writeManifest(path: string, manifest: Manifest, signal?: AbortSignal): Promise<string> {
  const text = textOf(path, manifest);
  await writeWhole(path, text, { subject: `manifest ${path}`, signal });
  return text;
}

/** What is written, for errors; once the signal is aborted, the old file stays. */
type Writing = {
  readonly subject: string;
  readonly signal?: AbortSignal | undefined;
  /** Readable by nobody else (0600), instead of by all (0644). */
  readonly secluded?: true;
};

/**
 * Writes a text so that at any moment the path holds the old file or the new one, whole (temporary file beside it,
 * fsync, rename, fsync of the directory).
 * @throws Problem where the path holds anything but a file, or writing fails
 */
export async function writeWhole(
  path: string,
  text: string,
  { subject, signal, secluded }: Writing,
): Promise<void> {
  await refuseOtherThanFile(path);
  const start = `.${basename(path).slice(0, 40)}.`;
  const temporary = join(dirname(path), `${start}${randomBytes(6).toString("hex")}.tmp`);
  await removeAbandoned(dirname(path), start);
  try {
    await writeThrough(temporary, text, secluded ? 0o600 : 0o644);
    signal?.throwIfAborted();
    await rename(temporary, path);
    await syncDirectory(dirname(path));
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    if (signal?.aborted && cause === signal.reason) throw cause;
    throw unwritable(subject, cause);
  }
}

/** Milliseconds after which a temporary file's writer is no more. */
const abandonment = 10 * 60_000;

/** Whoever was killed while it wrote left its temporary file. */
async function removeAbandoned(folder: string, start: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const drafts = names.filter(
    (name) => name.startsWith(start) && /^[0-9a-f]{12}\.tmp$/.test(name.slice(start.length)),
  );
  for (const path of drafts.map((name) => join(folder, name))) {
    const found = await lstat(path).catch(() => undefined);
    const old = found !== undefined && Date.now() - found.mtimeMs > abandonment;
    if (old && found.isFile()) await rm(path, { force: true }).catch(() => undefined);
  }
}

function textOf(path: string, manifest: Manifest): string {
  const place = { subject: `manifest ${path}`, remedy: "nothing was written; report this as a defect" };
  return `${JSON.stringify(parseManifest(manifest, place), undefined, 2)}\n`;
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

async function writeThrough(path: string, text: string, mode: number): Promise<void> {
  await using file = await open(path, "wx", mode);
  await file.chmod(mode);
  await file.writeFile(text, "utf8");
  await file.sync();
}

/** Without it a power cut may forget the rename. */
async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  await directory.sync();
}

function unwritable(subject: string, cause: unknown): Problem {
  return new Problem(
    {
      subject,
      expected: "a path that can be written",
      actual: cause instanceof Error && "code" in cause ? String(cause.code) : "an error",
      remedy: "mend the directory or name another path",
    },
    { cause },
  );
}
