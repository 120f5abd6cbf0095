// A backend of its own for a moment: where there is no stack, programs must run and secrets be read all the same.
import { randomUUID } from "node:crypto";
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { Unreadable } from "../check/unreadable.ts";
import { command } from "../pulumi/command.ts";

/** A folder that is nobody else's, and the config of the stack in it: it never gets into the folder. */
export const scratch = z.object({ folder: z.string(), config: z.record(z.string(), z.unknown()) });

/** What {@link openScratch} makes a workspace in. */
export type Scratch = z.infer<typeof scratch>;

/** Names a folder; it is not made yet. */
export function newScratch(config: Scratch["config"]): Scratch {
  return { folder: join(tmpdir(), `substrate-${randomUUID()}`), config };
}

/** What the empty stack is made with. */
type Parts = {
  /** Absolute path of the engine. */
  readonly engine: string;
  readonly stack: string;
  readonly signal: AbortSignal;
  /** Stack config to copy into it, whose own secrets provider it then has; else it is under a passphrase that nobody is told. */
  readonly configFile?: string;
};

/** A folder with an empty stack in it, and what the engine needs to find it. */
type Opened = { readonly workDir: string; readonly envVars: Record<string, string> };

/** Makes the folder, with an empty stack in it. Throws `Unreadable`. */
export async function openScratch(
  { folder }: Scratch,
  { engine, stack, signal, configFile }: Parts,
): Promise<Opened> {
  const state = join(folder, "state");
  await mkdir(folder, { mode: 0o700 });
  await mkdir(state);
  await writeFile(join(folder, "Pulumi.yaml"), "{ name: substrate, runtime: nodejs }\n");
  if (configFile !== undefined) await copyFile(configFile, join(folder, `Pulumi.${stack}.yaml`));
  const envVars = {
    PULUMI_BACKEND_URL: pathToFileURL(state).href,
    ...(configFile === undefined ? { PULUMI_CONFIG_PASSPHRASE: randomUUID() } : {}),
  };
  const asking = { engine, project: folder, signal, env: envVars };
  const { exitCode, stderr } = await command(["stack", "init", stack, "--no-select"], asking);
  if (exitCode !== 0) throw new Unreadable("engine", stderr);
  return { workDir: folder, envVars };
}

/** Removes the folder with all that is in it, if it was ever made. Never throws: nobody could do anything about it. */
export async function removeScratch({ folder }: Scratch): Promise<void> {
  await rm(folder, { recursive: true, force: true }).catch(() => undefined);
}
