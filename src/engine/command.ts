// One command of the engine's CLI, run to its end in the project's folder.
import { execa } from "execa";

/** Where the engine and the project are, and until when to wait. */
export type Asking = {
  /** Absolute path of the engine. */
  readonly engine: string;
  /** Absolute path of the project. */
  readonly project: string;
  readonly signal: AbortSignal;
};

/** What a command came to; it is the caller who knows which exit codes to expect. */
export type CommandResult = {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
};

/** Runs `pulumi <args>` without asking anything of a person. Does not throw for what the command does. */
export async function command(
  args: readonly string[],
  { engine, project, signal }: Asking,
): Promise<CommandResult> {
  const env = { PULUMI_SKIP_UPDATE_CHECK: "true" };
  const options = { cwd: project, cancelSignal: signal, reject: false, stdin: "ignore", env } as const;
  const { exitCode, stdout, stderr } = await execa(engine, args, options);
  return { exitCode, stdout, stderr };
}
