// What runs on behalf of a bench: found by what every descendant inherits, whatever group or parent it has by now.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** The command lines of all processes with this variable in their environment, but for the excepted ones. Linux only. */
export async function processesWith(variable: string, except: readonly number[]): Promise<string[]> {
  const pids = (await readdir("/proc")).map(Number).filter((pid) => pid > 0 && !except.includes(pid));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const read = (file: string) => readFile(join("/proc", String(pid), file), "utf8").catch(() => "");
      const variables = (await read("environ")).split("\0");
      return variables.includes(variable) ? [(await read("cmdline")).replaceAll("\0", " ")] : [];
    }),
  );
  // A process that has ended and waits to be reaped has no command line.
  return found.flat().filter((line) => line !== "");
}
