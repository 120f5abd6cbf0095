// One command of the engine's CLI, run to its end in the project's folder.
import { Unreadable } from "../check/unreadable.ts";

/** Where the engine and the project are, and until when to wait. */
export type Asking = {
  /** Absolute path of the engine. */
  readonly engine: string;
  /** Absolute path of the project. */
  readonly project: string;
  readonly signal: AbortSignal;
  /** Laid over the process's own variables. */
  readonly env?: Readonly<Record<string, string>>;
};

/** What a command came to; it is the caller who knows which exit codes to expect. */
export type CommandResult = {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
};

/** Whether a command was refused because the backend has no such stack, in the CLI's own words. */
export function isUnknownStack({ exitCode, stderr }: CommandResult): boolean {
  return exitCode !== 0 && /no stack named/.test(stderr);
}

/** Why a command about a stack that exists could tell nothing. */
export function silenceOf({ stderr }: CommandResult): Unreadable {
  // A disk that was full leaves half of one: the engine puts a file in its place before it knows that it is whole.
  return new Unreadable(/failed to load checkpoint/.test(stderr) ? "checkpoint" : "engine", stderr);
}

/** What a person does about a stack of which nothing could be told. */
export function wayOut({ reason }: Unreadable, stack: string): string {
  return reason === "checkpoint"
    ? `the checkpoint of ${stack} is damaged; TROUBLESHOOTING.md says how to put it back`
    : "see what `pulumi whoami -v` says and log in";
}

/** A backend that has not answered by then is as good as away, in ms. */
const timeout = 60_000;

/** A language host hands a program its stack config in these, secrets among it; nobody whom the program asks needs them. */
const handedToPrograms = { PULUMI_CONFIG: undefined, PULUMI_CONFIG_SECRET_KEYS: undefined };

/** A Go program that lives for a second need not collect its garbage as often (pkg.go.dev/runtime, GOGC). */
export const brief: Readonly<Record<string, string>> = { GOGC: process.env.GOGC ?? "400" };

/** Runs `pulumi <args>` without asking anything of a person. Does not throw for what the command does. */
export async function command(
  args: readonly string[],
  { engine, project, signal, env }: Asking,
): Promise<CommandResult> {
  // Loaded when it is needed: not every command that can ask the engine does.
  const { execa } = await import("execa");
  const { exitCode, stdout, stderr } = await execa(engine, args, {
    ...{ cwd: project, cancelSignal: signal, timeout, reject: false, stdin: "ignore" },
    env: { PULUMI_SKIP_UPDATE_CHECK: "true", ...brief, ...handedToPrograms, ...env },
  } as const);
  return { exitCode, stdout, stderr };
}
