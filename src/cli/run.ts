// The frame of every command: its exit code, and one line for whatever goes wrong.
import { Problem } from "../environment/problem.ts";
import { exitCodes } from "./exit.ts";
import { Interrupted, interruptedCode } from "./interrupt.ts";

/** Runs a command's body and ends the process with its exit code once everything is written. */
export async function runCommand(body: () => Promise<number>): Promise<void> {
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

function lineOf(error: unknown): string {
  if (error instanceof Interrupted) return "interrupted";
  if (error instanceof Problem) return `error: ${error.message}`;
  const text = error instanceof Error ? error.message : String(error);
  return `error: unexpected: ${text.split("\n")[0]} — this is a defect; run again with --debug-log <file> and report it`;
}
