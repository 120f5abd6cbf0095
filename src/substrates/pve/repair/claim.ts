// Whether something whose creation was cut off is there, and ours: by its number, its name and its run.
import { z } from "zod";
import type { Claim, Claimed } from "../../substrate.ts";
import { type Api, PveError } from "../api.ts";
import { pathOf } from "../checks/machines.ts";

const machine = z.object({
  nodeName: z.string(),
  vmId: z.number(),
  name: z.string(),
  description: z.string(),
});
const firewall = z.object({ nodeName: z.string(), vmId: z.number() });
const told = z.object({ name: z.string().optional(), description: z.string().optional() });

/** Looks for it. None: it can not be told. Throws `Unreadable`. */
export async function claimOf(
  { type, inputs }: Claim,
  api: Api,
  signal: AbortSignal,
): Promise<Claimed | undefined> {
  if (type.endsWith(":VmLegacy")) return claimMachine(machine.parse(inputs), api, signal);
  // Setting options again does no harm, whatever has become of them.
  if (type.endsWith(":OptionsLegacy")) return { there: false };
  return type.endsWith(":RulesLegacy") ? claimRules(firewall.parse(inputs), api, signal) : undefined;
}

/** A clone gets name and description with its first request, and the description names the run. */
async function claimMachine(
  { nodeName: node, vmId, name, description }: z.infer<typeof machine>,
  api: Api,
  signal: AbortSignal,
): Promise<Claimed | undefined> {
  try {
    const found = await api.get(`${pathOf({ node, vmId })}/config`, told, signal);
    const ours = found.name === name && found.description?.trim() === description;
    return ours ? { there: true, id: String(vmId) } : undefined;
  } catch (error) {
    const gone = error instanceof PveError && error.status === 500 && /does not exist/.test(error.words);
    if (gone) return { there: false };
    throw error;
  }
}

async function claimRules(
  { nodeName: node, vmId }: z.infer<typeof firewall>,
  api: Api,
  signal: AbortSignal,
): Promise<Claimed | undefined> {
  const rules = await api.get(`${pathOf({ node, vmId })}/firewall/rules`, z.array(z.unknown()), signal);
  return rules.length === 0 ? { there: false } : undefined;
}
