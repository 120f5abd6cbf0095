// A command in a process group of its own, of which nothing is left when it is over.
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

/** A command as an argument list; no shell reads it. */
export type Argv = readonly [string, ...string[]];

/** How to run it. */
export type GroupOptions = {
  readonly env: Readonly<Record<string, string>>;
  /** Where its output is appended: for its owner's eyes alone. */
  readonly log: string;
  /** Ends the whole group: TERM, and KILL for what does not end by that. */
  readonly signal: AbortSignal;
};

/** A command that runs. */
export type Group = {
  /** Of its leader and of the group; none where it could not be started. */
  readonly pid: number | undefined;
  /** Its exit code when all of the group is gone; as shells have it for what was ended or could not be started. */
  readonly ended: Promise<number>;
};

/** Between TERM and KILL, in ms. */
const grace = 5_000;

const exits = { notStarted: 127, late: 124, signalled: 128 } as const;
const numbers: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/** Starts a command. Never throws: what can not be started ends with 127. */
export function startGroup([program, ...args]: Argv, { env, log, signal }: GroupOptions): Group {
  const output = openLog(log);
  try {
    const child = spawn(program, args, {
      ...{ detached: true, env: { ...process.env, ...env } },
      stdio: ["ignore", output ?? "ignore", output ?? "ignore"],
    });
    return { pid: child.pid, ended: follow(child, signal) };
  } catch {
    // Most of what is wrong with a program comes as an event, but not a path that leads through a file, say.
    return { pid: undefined, ended: Promise.resolve(exits.notStarted) };
  } finally {
    if (output !== undefined) closeSync(output);
  }
}

/** None where it can not be opened, as on a full disk: what must be done at a run's end is done all the same. */
function openLog(path: string): number | undefined {
  try {
    return openSync(path, "a", 0o600);
  } catch {
    return undefined;
  }
}

/** Ends a group, whoever started it, and resolves when it is gone. */
export async function endGroup(pid: number): Promise<void> {
  if (!send(pid, "SIGTERM")) return;
  if (!(await goneWithin(pid, grace))) send(pid, "SIGKILL");
  await goneWithin(pid, grace);
}

async function follow(child: ChildProcess, signal: AbortSignal): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  child.once("error", () => resolve(exits.notStarted));
  child.once("exit", (code, by) => resolve(code ?? exits.signalled + (numbers[by ?? ""] ?? 0)));
  const { pid } = child;
  if (pid === undefined) return promise;
  let ending: Promise<void> | undefined;
  const end = () => {
    ending ??= endGroup(pid);
  };
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  const code = await promise;
  signal.removeEventListener("abort", end);
  const late = signal.reason instanceof DOMException && signal.reason.name === "TimeoutError";
  const cut = ending !== undefined;
  // What it left behind is ended with it.
  end();
  await ending;
  return cut && late ? exits.late : code;
}

/** False where there is nobody left in the group. */
function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch (error) {
    // EPERM: somebody is there who may not be signalled.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

async function goneWithin(pid: number, ms: number): Promise<boolean> {
  for (const end = performance.now() + ms; performance.now() < end; await pause(20))
    if (!send(pid, 0)) return true;
  return !send(pid, 0);
}
