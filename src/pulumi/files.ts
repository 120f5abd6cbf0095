// Where a backend in files keeps what belongs to a stack; of every other backend only its CLI can tell.
import { readFile, stat } from "node:fs/promises";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { load } from "js-yaml";
import { z } from "zod";
import { type Asking, command } from "./command.ts";

/** Absolute paths (pulumi, pkg/backend/diy). */
export type Files = {
  /** The folder of the stack's locks. */
  readonly locks: string;
  readonly checkpoint: string;
};

/** None where the backend is not one in files. */
export async function filesOf(stack: string, asking: Asking): Promise<Files | undefined> {
  const url = process.env.PULUMI_BACKEND_URL ?? (await currentBackend(asking));
  if (!url.startsWith("file://")) return undefined;
  const { name } = z
    .object({ name: z.string() })
    .parse(load(await readFile(join(asking.project, "Pulumi.yaml"), "utf8")));
  const inside = join(pathOf(url, asking.project), ".pulumi");
  return {
    locks: join(inside, "locks", "organization", name, stack),
    checkpoint: join(inside, "stacks", name, `${stack}.json`),
  };
}

/**
 * What a write to the checkpoint changes: the engine puts another file in its place. None where that can not be told;
 * two that are none are not the same.
 */
export async function markOf(files: Files | undefined): Promise<string | undefined> {
  const path = await checkpointOf(files);
  const found = path === undefined ? undefined : await stat(path, { bigint: true }).catch(() => undefined);
  return found && `${found.ino} ${found.mtimeNs} ${found.size}`;
}

/** Where the checkpoint can be read. None where it is packed, or was once: of several files the engine takes the newest. */
export async function checkpointOf(files: Files | undefined): Promise<string | undefined> {
  if (files === undefined) return undefined;
  const packed = ["gz", "zst"].map((kind) => stat(`${files.checkpoint}.${kind}`));
  const found = await Promise.allSettled(packed);
  return found.some(({ status }) => status === "fulfilled") ? undefined : files.checkpoint;
}

/** By engine and project: it stays the same for as long as a command runs. */
const backends = new Map<string, Promise<string>>();

function currentBackend(asking: Asking): Promise<string> {
  const key = `${asking.engine}\n${asking.project}`;
  const known = backends.get(key) ?? askForBackend(asking);
  backends.set(key, known);
  // Nobody answered: it may be told next time.
  void known.then((url) => url === "" && backends.delete(key));
  return known;
}

/** Empty where nobody answered, or not in a way that is understood. */
async function askForBackend(asking: Asking): Promise<string> {
  const { stdout } = await command(["whoami", "--json"], asking);
  try {
    return z.object({ url: z.string() }).parse(JSON.parse(stdout)).url;
  } catch {
    return "";
  }
}

/** `file://~` and `file://./x` are the CLI's own ways to write a path; it is run in the project's folder. */
function pathOf(url: string, project: string): string {
  const plain = url.replace(/[?].*$/, "");
  const rest = plain.slice("file://".length);
  if (rest.startsWith("/")) return fileURLToPath(plain);
  return resolve(project, rest.replace(/^~/, userInfo().homedir));
}
