// The engine's folder: where the launcher looks for it, whether it is whole, and how it gets there.
import { access, constants, mkdir, readdir, rename, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { engineVersion } from "./version.ts";

/** The folder that holds a whole engine, or why there is none. */
export type Obtained =
  | { readonly folder: string; readonly failure?: never }
  | { readonly folder?: never; readonly failure: string };

/** What must be there: the CLI, and the host that runs Node programs and policy packs for it. */
const programs = ["pulumi-language-nodejs", "pulumi"];

/** The folder that holds all versions of the engine: the `pulumi` launcher's and the Automation API's own. */
export function versionsFolder(): string {
  return join(resolve(process.env.PULUMI_HOME || join(homedir(), ".pulumi")), "versions");
}

/** The folder of the pinned engine's programs, an absolute path; it need not exist. */
export function engineFolder(): string {
  return join(versionsFolder(), engineVersion, "bin");
}

/** The engine's CLI: the pinned one where it is there, else the one that is on PATH. */
export async function engineHere(): Promise<string> {
  const folder = engineFolder();
  return (await isWhole(folder)) ? join(folder, "pulumi") : "pulumi";
}

/** Whether a folder holds every program of an engine, executable. */
export async function isWhole(folder: string): Promise<boolean> {
  const found = await Promise.all(programs.map((name) => isProgram(join(folder, name))));
  return found.every(Boolean);
}

/**
 * Moves all programs of a whole engine from a folder of the same file system into its place. Each arrives in one
 * step and `pulumi` last, because the launcher takes its presence for the whole: a reader never sees half an
 * engine, and of two processes that do this at once the later one replaces like by like.
 */
export async function moveEngine(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const rest = (await readdir(from)).filter((name) => name !== "pulumi");
  for (const name of [...rest, "pulumi"]) await rename(join(from, name), join(to, name));
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    const found = await stat(path);
    return found.isFile() && found.size > 0;
  } catch {
    return false;
  }
}
