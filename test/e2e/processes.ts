// What runs on behalf of a bench: found by what every descendant inherits, whatever group or parent it has by now.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** The command lines of all processes with this variable in their environment, but for the excepted ones. Linux only. */
export async function processesWith(variable: string, except: readonly number[]): Promise<string[]> {
  return (await running(variable)).flatMap(({ pid, line }) => (except.includes(pid) ? [] : line));
}

/** The id of the first of them whose command line has this word. */
export async function processOf(variable: string, word: string): Promise<number> {
  const found = (await running(variable)).find(({ line }) => line.includes(word));
  if (found === undefined) throw new Error(`nothing runs ${word}`);
  return found.pid;
}

/** A process as others on this machine see it. */
export type Running = {
  readonly pid: number;
  /** Its words, each after a space. */
  readonly line: string;
  /** `NAME=value`, as it was started with them. */
  readonly variables: readonly string[];
};

/** All processes with this variable in their environment. Linux only. */
export async function running(variable: string): Promise<readonly Running[]> {
  const pids = (await readdir("/proc")).map(Number).filter((pid) => pid > 0);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const read = (file: string) => readFile(join("/proc", String(pid), file), "utf8").catch(() => "");
      const variables = (await read("environ")).split("\0");
      const line = (await read("cmdline")).replaceAll("\0", " ");
      // A process that has ended and waits to be reaped has no command line.
      return variables.includes(variable) && line !== "" ? [{ pid, line, variables }] : [];
    }),
  );
  return found.flat();
}
