// What our own commands are told by their caller, as anybody's would be.
import { fileURLToPath } from "node:url";
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
