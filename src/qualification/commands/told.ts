// What our own commands are told by their caller, as anybody's would be.
import { fileURLToPath } from "node:url";
import type { Result } from "../../check/outcome.ts";
import { Problem, unexpected } from "../../environment/problem.ts";
import { worst } from "../../manifest/status.ts";
import type { Asking } from "../../pulumi/command.ts";
import { variables } from "../own.ts";

/** One of the run's variables. Throws where a person has called the command. */
export function told(what: keyof typeof variables): string {
  const value = process.env[variables[what]];
  if (value === undefined || value === "") throw new TypeError(`${variables[what]} is missing`);
  return value;
}

/** The engine that the run is made with. */
export function asking(signal: AbortSignal): Asking {
  const project = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "");
  return { engine: told("engine"), project, signal };
}

/** Exits by the worst of what a command has found: 0, 1 or 3. A command that could not find out blames nobody: 3. */
export async function concluding(body: () => Promise<readonly Result[]>): Promise<void> {
  try {
    process.exitCode = { pass: 0, fail: 1, blocked: 3 }[worst(await body())];
  } catch (error) {
    // What is printed is kept as evidence, and a far end's own words are none.
    const why = error instanceof Problem ? error.message : unexpected(error);
    process.stderr.write(`error: ${why}\n`);
    process.exitCode = 3;
  }
}
