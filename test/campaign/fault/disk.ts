// A disk of our own, in a mount namespace that goes away with the campaign: it can be filled, or made read-only.
import { rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";
import { NoVictim } from "./novictim.ts";

/** Tells the campaign, run again in the namespace, where its disk is. */
const diskVariable = "CAMPAIGN_DISK";

/** Whether this process has such a disk. */
export const hasDisk = process.env[diskVariable] !== undefined;

/** Runs this very command again with a disk of its own and gives its exit code; none where the machine forbids it. */
export async function onOwnDisk(folder: string, signal: AbortSignal): Promise<number | undefined> {
  const able = await execa("unshare", ["--user", "--map-root-user", "--mount", "true"], { reject: false });
  if (able.exitCode !== 0) return undefined;
  const mounting = 'mount -t tmpfs -o size=768m campaign "$0" && exec "$@"';
  const again = [process.execPath, ...process.argv.slice(1)];
  const args = ["--user", "--map-root-user", "--mount", "sh", "-c", mounting, folder, ...again];
  const { exitCode } = await execa("unshare", args, {
    // A group of its own: a terminal's Ctrl-C reaches us alone, and is passed on once. Twice would leave at once.
    ...{ stdio: "inherit", detached: true, reject: false },
    ...{ cancelSignal: signal, forceKillAfterDelay: 120_000 },
    env: { [diskVariable]: folder, TMPDIR: folder },
  });
  return exitCode ?? 1;
}

/** Fills the disk that this folder is on, but for some pages by chance, or forbids all writing there; gives the way back. */
export async function disk(
  folder: string,
  state: "full" | "read-only",
  chance: number,
): Promise<() => Promise<unknown>> {
  const mount = process.env[diskVariable] ?? "";
  if (state === "read-only") {
    await remount("ro", mount);
    return () => remount("rw", mount);
  }
  const ballast = join(folder, "ballast");
  const { bavail, bsize } = await statfs(folder);
  await execa("fallocate", ["-l", String((bavail - (chance % 16)) * bsize), ballast]);
  return () => rm(ballast);
}

/** Busy as long as somebody has a file open for writing there, as an engine has all along. Throws `NoVictim`. */
async function remount(mode: "ro" | "rw", mount: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const { exitCode, stderr } = await execa("mount", ["-o", `remount,${mode}`, mount], { reject: false });
    if (exitCode === 0) return;
    if (tries < 200) await pause(20);
    else if (mode === "ro" && stderr.includes("busy")) throw new NoVictim(stderr);
    else throw new Error(`${mount} can not be made ${mode}: ${stderr}`);
  }
}
