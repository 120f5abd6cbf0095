// The frame of every command: its exit code, and one line for whatever goes wrong.
import { Problem, unexpected } from "../environment/problem.ts";
import { exitCodes } from "./exit.ts";
import { Interrupted, interruptedCode } from "./interrupt.ts";

/** Runs a command's body and ends the process with its exit code once everything is written. */
export async function runCommand(body: () => Promise<number>): Promise<void> {
  // A reader that has gone away (`| head`) changes nothing about what was done.
  process.stdout.on("error", () => undefined);
  // A write past the limit on files' sizes then fails as on a full disk, instead of ending the process.
  process.on("SIGXFSZ", () => undefined);
  try {
    process.exitCode = await body();
  } catch (error) {
    process.exitCode = error instanceof Interrupted ? interruptedCode : exitCodes.usage;
    complain(lineOf(error));
  }
}

/** One line on standard error. */
export function complain(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** What went wrong, in one line without anybody else's text. */
export function lineOf(error: unknown): string {
  if (error instanceof Interrupted) return "interrupted";
  if (error instanceof Problem) return `error: ${error.message}`;
  return `error: ${unexpected(error)} — this is a defect of the command, please report it`;
}
