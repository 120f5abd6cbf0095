// A stack's deployment as it was last written: no lock is taken, and no passphrase is needed for what is no secret.
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { Unreadable } from "../check/unreadable.ts";
import { type Asking, command, isUnknownStack, silenceOf } from "./command.ts";
import { checkpointOf, filesOf } from "./files.ts";

/** What was written. */
export type Written = {
  /** Resources and pending operations, secrets as ciphertext; null or undefined where there has been no update. */
  readonly deployment: unknown;
  /** All that was read, to tell whether anything at all has been written since. */
  readonly bytes: string;
};

/** What `pulumi stack export` prints. */
const exported = z.object({ deployment: z.unknown() });

/** A file of a backend in files (pulumi, sdk/go/common/apitype: VersionedCheckpoint; 4 only names what features 3 makes use of). */
const kept = z.object({
  version: z.union([z.literal(3), z.literal(4)]),
  checkpoint: z.object({ latest: z.unknown().optional() }),
});

/**
 * Reads a stack's deployment, from its file where a backend in files keeps it: to start the CLI takes a quarter of a second.
 * @returns none where the backend has no such stack
 * @throws Unreadable where the backend can not be asked
 */
export async function readDeployment(stack: string, asking: Asking): Promise<Written | undefined> {
  return (await fileOf(stack, asking)) ?? (await exportStack(stack, asking));
}

/** The same by the CLI, in the words that `pulumi stack import` takes. */
export async function exportStack(stack: string, asking: Asking): Promise<Written | undefined> {
  const ended = await command(["stack", "export", "--stack", stack], asking);
  if (isUnknownStack(ended)) return undefined;
  if (ended.exitCode !== 0) throw silenceOf(ended);
  return parseExport(ended.stdout);
}

/** Parses what `pulumi stack export` prints. Throws `Unreadable`. */
export function parseExport(bytes: string): Written {
  try {
    return { ...exported.parse(JSON.parse(bytes)), bytes };
  } catch (cause) {
    throw new Unreadable("unparsable", "the stack's export", { cause });
  }
}

/** None where the file is not there or not as expected: then the CLI knows why, or what it is instead. */
async function fileOf(stack: string, asking: Asking): Promise<Written | undefined> {
  try {
    const path = await checkpointOf(await filesOf(stack, asking));
    if (path === undefined) return undefined;
    const bytes = await readFile(path, "utf8");
    return { deployment: kept.parse(JSON.parse(bytes)).checkpoint.latest, bytes };
  } catch {
    return undefined;
  }
}
