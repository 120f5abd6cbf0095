// The policy that lets nothing change while a release run holds the environment still.
import * as pulumi from "@pulumi/pulumi";
import { ledger, parseStack } from "../src/environment/stack.ts";
import { hindrance } from "../src/program/guard.ts";

/** Asked once for all resources of an update; a preview changes nothing. */
let asked: Promise<string | undefined> | undefined;

/** Refuses every resource of an update under freeze, and where nobody can tell. A ledger is where freezes are written. */
export const freezePolicy = {
  name: "freeze",
  description: "Nothing changes while a release run holds the environment still.",
  validateResource: async (_resource: unknown, report: (message: string) => void) => {
    asked ??= ask();
    const problem = await asked;
    if (problem !== undefined) report(problem);
  },
};

async function ask(): Promise<string | undefined> {
  const { environment, substrate } = parseStack(pulumi.getStack());
  if (pulumi.runtime.isDryRun() || substrate === ledger) return undefined;
  return (await hindrance(environment))?.message;
}
