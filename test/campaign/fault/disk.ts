// A disk of its own for each far end, in a mount namespace that goes away with the campaign: it can be filled, or made read-only.
import { mkdir, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";
import { NoVictim } from "./novictim.ts";

/** Tells the campaign, run again in the namespace, where its disks are. */
const diskVariable = "CAMPAIGN_DISKS";
const mounts = process.env[diskVariable];

/** Whether this process has such disks. */
export const hasDisk = mounts !== undefined;

/** A far end's disk; a temporary folder where there is none. */
export function diskOf(substrate: string): string {
  return mounts === undefined ? tmpdir() : join(mounts, substrate);
}

/** Runs this very command again with disks of its own and gives its exit code; none where the machine forbids it. */
export async function onOwnDisks(
  folder: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<number | undefined> {
  const able = await execa("unshare", ["--user", "--map-root-user", "--mount", "true"], { reject: false });
  if (able.exitCode !== 0) return undefined;
  const disks = names.map((name) => join(folder, name));
  await Promise.all(disks.map((disk) => mkdir(disk)));
  const mounting =
    'for _ in $(seq "$0"); do mount -t tmpfs -o size=768m campaign "$1" && shift || exit; done; exec "$@"';
  const again = [process.execPath, ...process.argv.slice(1)];
  const inside = ["sh", "-c", mounting, String(disks.length), ...disks, ...again];
  const args = ["--user", "--map-root-user", "--mount", ...inside];
  const { exitCode } = await execa("unshare", args, {
    // A group of its own: a terminal's Ctrl-C reaches us alone, and is passed on once. Twice would leave at once.
    ...{ stdio: "inherit", detached: true, reject: false },
    ...{ cancelSignal: signal, forceKillAfterDelay: 120_000 },
    env: { [diskVariable]: folder },
  });
  return exitCode ?? 1;
}

/** Fills a far end's disk, but for some pages by chance, or forbids all writing there; gives the way back. */
export async function disk(
  substrate: string,
  state: "full" | "read-only",
  chance: number,
): Promise<() => Promise<unknown>> {
  const mount = diskOf(substrate);
  if (state === "read-only") {
    await remount("ro", mount);
    return () => remount("rw", mount);
  }
  const ballast = join(mount, "ballast");
  await fill(mount, ballast, chance % 16);
  return () => rm(ballast);
}

/** Up to so many pages; again where somebody else was quicker. */
async function fill(mount: string, ballast: string, pages: number): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const { bavail, bsize } = await statfs(mount);
    const { failed, stderr } = await execa(
      "fallocate",
      ["-l", String(Math.max(1, bavail - pages) * bsize), ballast],
      { reject: false },
    );
    if (!failed) return;
    if (tries === 20) throw new Error(stderr);
  }
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
