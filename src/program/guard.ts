// Keeps a stack as it is while a release run holds its environment still.
import { fileURLToPath } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import { Unreadable } from "../check/unreadable.ts";
import type { Problem } from "../environment/problem.ts";
import { type Freeze, freezeOf, heldBy, unknownHold } from "../freeze.ts";
import { engineHere } from "../pulumi/folder.ts";

/** A backend that has not said by then whether there is a freeze is as good as away, in ms. */
const deadline = 60_000;

const project = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** Refuses an update under freeze, and where nobody can tell. Only inside an engine program. Throws `Problem`. */
export async function refuseUnderFreeze(environment: string): Promise<void> {
  if (pulumi.runtime.isDryRun()) return;
  const problem = await hindrance(environment);
  if (problem !== undefined) throw problem;
}

/** A preview shows what an update would do, and that now is not the time for it. Only inside an engine program. */
export async function warnUnderFreeze(environment: string): Promise<void> {
  if (!pulumi.runtime.isDryRun()) return;
  const problem = await hindrance(environment);
  if (problem !== undefined) pulumi.log.warn(`an update would be refused: ${problem.message}`);
}

/** Why the selected stack must not be updated; none where nothing is in the way. Only inside an engine program or policy. */
export async function hindrance(environment: string): Promise<Problem | undefined> {
  const subject = `update of ${pulumi.getStack()}`;
  try {
    const holding = await holdingFreeze(environment);
    return holding === undefined ? undefined : heldBy(holding, environment, subject);
  } catch (error) {
    if (error instanceof Unreadable) return unknownHold(environment, subject, error);
    throw error;
  }
}

async function holdingFreeze(environment: string): Promise<Freeze | undefined> {
  const asking = { engine: await engineHere(), project, signal: AbortSignal.timeout(deadline) };
  return freezeOf(environment, asking);
}
