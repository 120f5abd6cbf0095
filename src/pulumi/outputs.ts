// Reads a stack's outputs as they were last written.
import { z } from "zod";
import { Unreadable } from "../check/unreadable.ts";
import type { Asking } from "./command.ts";
import { readDeployment } from "./deployment.ts";

const resource = z.object({ type: z.string(), outputs: z.unknown().optional() });
const deployment = z.object({ resources: z.array(resource).default([]) }).nullish();

/**
 * A stack's outputs, secrets as ciphertext; empty before the first update.
 * @returns none where the backend has no such stack
 * @throws Unreadable where the backend can not be asked
 */
export async function readOutputs(stack: string, asking: Asking): Promise<unknown> {
  const written = await readDeployment(stack, asking);
  if (written === undefined) return undefined;
  const parsed = deployment.safeParse(written.deployment);
  if (!parsed.success) throw new Unreadable("unparsable", `the outputs of ${stack}`, { cause: parsed.error });
  const root = parsed.data?.resources.find(({ type }) => type === "pulumi:pulumi:Stack");
  return root?.outputs ?? {};
}
