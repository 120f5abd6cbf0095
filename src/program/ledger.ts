// The program of a ledger stack: keeps what the ledger holds and lays new entries over it, under the update's lock.
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { parseStack } from "../environment/stack.ts";
import { frozen, givenBack, heldBy, inForce } from "../freeze.ts";
import { ownOutputs } from "./outputs.ts";

/**
 * The ledger's outputs with these entries laid over them: tables are merged key by key, everything else is replaced.
 * Only inside an engine program. Throws where the old outputs can not be read, for they would be lost.
 */
export async function keepLedger(
  entries: Readonly<Record<string, unknown>>,
): Promise<Record<string, unknown>> {
  const outputs = await ownOutputs();
  const decided = decideRelease(outputs, entries);
  refuseOverFreeze(outputs, decided, parseStack(pulumi.getStack()).environment);
  return layOver(outputs, decided);
}

/** Only its own freeze is what a run gives back: also this is decided under the update's lock. */
function decideRelease(
  old: Readonly<Record<string, unknown>>,
  entries: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { data: given } = givenBack.safeParse(entries.freeze);
  if (given === undefined) return entries;
  const held = frozen.parse(old).freeze;
  return { ...entries, freeze: held?.runId === given.releasedBy ? null : held };
}

/**
 * Of two runs that take the freeze at once the later finds the earlier one here, under the update's lock. Throws
 * `Problem` where entries hold a freeze and another run's is in force.
 */
export function refuseOverFreeze(
  old: Readonly<Record<string, unknown>>,
  entries: Readonly<Record<string, unknown>>,
  environment: string,
): void {
  const after = frozen.parse(entries).freeze;
  if (after === null) return;
  const holding = inForce(frozen.parse(old).freeze, new Date());
  if (holding === undefined || holding.runId === after.runId) return;
  throw heldBy(holding, environment, `freeze by ${after.runId}`);
}

/** Merges plain objects at every depth; lists and scalars are replaced. */
export function layOver(
  old: Readonly<Record<string, unknown>>,
  entries: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged = Object.entries(entries).map(([key, value]) => {
    const [before, after] = [table.safeParse(old[key]), table.safeParse(value)];
    return [key, before.success && after.success ? layOver(before.data, after.data) : value];
  });
  return { ...old, ...Object.fromEntries(merged) };
}

const table = z.record(z.string(), z.unknown());
