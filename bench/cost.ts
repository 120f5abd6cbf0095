// What a command needs with all that it starts: processors by `times` of its shell, its Node processes by their own word.
import { randomUUID } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { z } from "zod";

/** Of one command. */
export type Cost = {
  /** Milliseconds on processors, of the command and of everything that it started and waited for. */
  readonly cpu: number;
  /** Milliseconds on processors of the Node process that is the command itself. */
  readonly own: number;
  /** Bytes that the command's own process has needed at most. */
  readonly peak: number;
  /** The same of the hungriest Node process that it started. */
  readonly started: number;
  readonly exitCode: number | undefined;
  /** All that it said. */
  readonly said: string;
};

type Place = { readonly cwd: string; readonly env: Readonly<Record<string, string>> };

const account = z.object({ script: z.string(), cpu: z.number(), peak: z.number() });

/** POSIX's `times`: two lines, of the shell itself and of all that it has waited for, each `0m1.23s 0m4.56s`. */
const metered = '"$@" >&2; code=$?; times; exit $code';

/** Runs a command to its end; never throws for what it does. */
export async function costOf(argv: readonly string[], { cwd, env }: Place): Promise<Cost> {
  const file = join(tmpdir(), `bench-account-${randomUUID()}`);
  const watched = {
    NODE_OPTIONS: `--import=${new URL("account.ts", import.meta.url).href}`,
    BENCH_ACCOUNT: file,
  };
  try {
    const { exitCode, stdout, stderr } = await execa("sh", ["-c", metered, "sh", ...argv], {
      ...{ cwd, env: { ...env, ...watched }, stdin: "ignore", reject: false },
    });
    const lines = (await readFile(file, "utf8")).trim().split("\n");
    const processes = lines.map((line) => account.parse(JSON.parse(line)));
    const own = processes.filter(({ script }) => script.includes("/src/cli/"));
    const others = processes.filter((process) => !own.includes(process));
    return {
      cpu: millisecondsOf(stdout.split("\n").at(-1) ?? ""),
      own: own.reduce((sum, { cpu }) => sum + cpu, 0),
      peak: Math.max(0, ...own.map(({ peak }) => peak)),
      started: Math.max(0, ...others.map(({ peak }) => peak)),
      exitCode,
      said: stderr,
    };
  } finally {
    await rm(file, { force: true });
  }
}

function millisecondsOf(times: string): number {
  const found = [...times.matchAll(/(\d+)m([\d.]+)s/g)];
  if (found.length !== 2) throw new TypeError(`not what times prints: ${times}`);
  return found.reduce((sum, [, minutes, rest]) => sum + Number(minutes) * 60_000 + Number(rest) * 1_000, 0);
}
