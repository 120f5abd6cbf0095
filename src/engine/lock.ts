// Locks on stacks: who updates one right now, and whether that process is still there.
import { readdir, readFile, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { Unreadable } from "../check/unreadable.ts";
import { type Asking, command } from "../pulumi/command.ts";
import { type Files, filesOf } from "../pulumi/files.ts";

/** A lock as a do-it-yourself backend keeps it (pulumi, pkg/backend/diy/lock.go). Names are for people only. */
const content = z.object({
  pid: z.number().int(),
  username: z.string(),
  hostname: z.string(),
  timestamp: z.coerce.date(),
});

/** Who holds a lock, and since when. */
export type Lock = z.infer<typeof content>;

/** Another update is under way, or died on the way. */
export class Locked extends Unreadable {
  readonly lock: Lock;

  constructor(lock: Lock) {
    super("engine", `locked by ${holderOf(lock)}`);
    this.lock = lock;
  }

  /** Whole minutes since the lock was taken. */
  get minutes(): number {
    return Math.max(0, Math.floor((Date.now() - this.lock.timestamp.getTime()) / 60_000));
  }
}

/** `alice on builder (process 123) since 2026-11-22T16:01:45.000Z`; for people, never evidence. */
export function holderOf({ username, hostname: host, pid, timestamp }: Lock): string {
  return `${username} on ${host} (process ${pid}) since ${timestamp.toISOString()}`;
}

/** Whether the holder was a process of this machine that is no more. */
export function isAbandoned({ hostname: host, pid }: Lock): boolean {
  return host === hostname() && !isRunning(pid);
}

/**
 * The oldest lock on a stack, without touching it. Only a backend in files shows its locks; for every other one the
 * answer is none, and an update's own refusal tells.
 */
export async function readLock(stack: string, asking: Asking): Promise<Lock | undefined> {
  return lockOf(await filesOf(stack, asking));
}

/** As {@link readLock}, for who knows where the backend's files are. */
export async function lockOf(files: Files | undefined): Promise<Lock | undefined> {
  return oldestIn(files?.locks);
}

async function oldestIn(folder: string | undefined): Promise<Lock | undefined> {
  const locks = await Promise.all((await filesIn(folder, ".json")).map(readLockFile));
  return locks.flatMap((lock) => lock ?? []).toSorted((a, b) => +a.timestamp - +b.timestamp)[0];
}

/** The lock that an update was refused for, from the CLI's own words (pulumi, pkg/backend/diy/lock.go). */
export function lockIn(text: string): Lock | undefined {
  const match = /created by (\S+)@(\S+) \(pid (\d+)\) at (\S+)/.exec(text);
  const [, username, host, pid, timestamp] = match ?? [];
  return content.safeParse({ username, hostname: host, pid: Number(pid), timestamp }).data;
}

/** A lock that nobody can ever release, in words for people, and whether it could be thrown away. */
type Broken = { readonly what: string; readonly broken: boolean };

/**
 * Throws away a lock whose holder was a process of this machine and is no more (`pulumi cancel`), and what a disk that
 * was full left of one; none where there is none.
 */
export async function breakAbandoned(stack: string, asking: Asking): Promise<Broken | undefined> {
  const files = await filesOf(stack, asking);
  const lock = await lockOf(files).catch(() => "unknown" as const);
  if (lock === "unknown") return undefined;
  const dead = lock === undefined ? await isCutOff(files?.locks) : isAbandoned(lock);
  if (!dead) return undefined;
  const { exitCode } = await command(["cancel", "--yes", "--stack", stack], asking);
  const what = lock === undefined ? "half a lock" : `the lock of ${holderOf(lock)}, which is gone`;
  return { what, broken: exitCode === 0 };
}

/** Milliseconds after which nobody writes a lock's few bytes any more. */
const writing = 10_000;

/** A lock is written beside its place first. The engine takes what is left of that for a lock, and can not read it. */
async function isCutOff(folder: string | undefined): Promise<boolean> {
  const drafts = await filesIn(folder, ".tmp");
  const found = await Promise.all(drafts.map((path) => stat(path).catch(() => undefined)));
  return found.some((draft) => draft !== undefined && Date.now() - draft.mtimeMs > writing);
}

/** A lock that goes while it is read is none. Throws `Unreadable` for half of one, which a disk that was full leaves. */
async function readLockFile(path: string): Promise<Lock | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  try {
    return text === undefined ? undefined : content.parse(JSON.parse(text));
  } catch (cause) {
    throw new Unreadable("unparsable", "a lock", { cause });
  }
}

/** Paths of what ends like this in a folder; none where there is no folder. */
async function filesIn(folder: string | undefined, ending: string): Promise<readonly string[]> {
  if (folder === undefined) return [];
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.endsWith(ending)).map((name) => join(folder, name));
}

/** Signal 0 asks only whether there is such a process; one that is not ours is there too. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
