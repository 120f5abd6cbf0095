// The program of a ledger stack: keeps what the ledger holds and lays new entries over it, under the update's lock.
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

const answer = z.object({ outputs: z.record(z.string(), z.unknown()) });

/**
 * The ledger's outputs with these entries laid over them: tables are merged key by key, everything else is replaced.
 * Only inside an engine program. Throws where the old outputs can not be read, for they would be lost.
 */
export async function keepLedger(
  entries: Readonly<Record<string, unknown>>,
): Promise<Record<string, unknown>> {
  const name = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const { outputs } = answer.parse(await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name }));
  return layOver(outputs, entries);
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
