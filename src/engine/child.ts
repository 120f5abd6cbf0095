// A child of the installer: ended with its descendants on abort and deadline, its last words kept, progress told.
import { execa } from "execa";

/** Takes one line about what goes on. */
export type Report = (line: string) => void;

/** How to run one child. */
export type Child = {
  readonly argv: readonly [string, ...string[]];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds until it is ended. */
  readonly deadline: number;
  readonly signal: AbortSignal;
};

/** What became of a child: its standard output, or why it failed in one line. */
export type Ending =
  | { readonly stdout: string; readonly failure?: never }
  | { readonly stdout?: never; readonly failure: string };

/** Runs a child to its end; never throws. */
export async function run({ argv: [file, ...args], deadline, signal, ...options }: Child): Promise<Ending> {
  const result = await execa(file, args, {
    ...options,
    stdin: "ignore",
    timeout: deadline,
    cancelSignal: signal,
    killDescendants: true,
    forceKillAfterDelay: 5_000,
    reject: false,
  });
  if (!result.failed) return { stdout: result.stdout };
  if (result.code === "ENOENT") return { failure: `${file} is not on PATH` };
  if (result.timedOut) return { failure: `${file} did not end within ${deadline / 1000} s` };
  return { failure: `${file} ended with ${result.exitCode ?? result.signal}: ${lastLine(result.stderr)}` };
}

/** Tells every 30 seconds how long the work already takes. */
export async function timed<T>(what: string, report: Report, work: Promise<T>): Promise<T> {
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 1000);
  report(`engine: ${what}`);
  const timer = setInterval(() => report(`engine: ${what}, ${seconds()} s so far`), 30_000);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.slice(0, 200) ?? "";
}
