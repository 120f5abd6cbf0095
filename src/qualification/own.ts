// Our own commands, for those who bring none; they are called as anybody's would be.
import { fileURLToPath } from "node:url";
import type { Argv } from "./group.ts";

/** The command with this name. */
export function own(name: "cleanup" | "driver" | "inventory"): Argv {
  return [process.execPath, fileURLToPath(new URL(`./commands/${name}.ts`, import.meta.url))];
}

/** Names of the variables that commands are told the run by. */
export const variables = {
  environment: "QUALIFICATION_ENVIRONMENT",
  topology: "QUALIFICATION_TOPOLOGY",
  /** Separated by commas. */
  providers: "QUALIFICATION_PROVIDERS",
  /** Absolute path of the pulumi CLI. */
  engine: "QUALIFICATION_ENGINE",
  /** Absolute path of the plan: endpoints and flows, as they were certified. */
  plan: "QUALIFICATION_PLAN",
} as const;
