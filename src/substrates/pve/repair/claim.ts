// Whether something whose creation was cut off is there, and ours: by its number, its name and its run.
import { z } from "zod";
import type { Claim, Claimed } from "../../substrate.ts";
import type { Api } from "../api.ts";
import { pathOf } from "../checks/machines.ts";
import { completeList } from "../checks/scope.ts";
import { carryOut } from "../task.ts";

const machine = z.object({
  nodeName: z.string(),
  vmId: z.number(),
  name: z.string(),
  description: z.string(),
});
const firewall = z.object({ nodeName: z.string(), vmId: z.number() });
const told = z.object({ name: z.string().optional(), description: z.string().optional() });

/** Looks for it, and has it where it belongs. None: it can not be told. Throws `Unreadable`. */
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

/**
 * A clone gets name and description with its first request, and the description names the run. It is made beside its
 * template and then moved: one that was cut off in between is moved now.
 */
async function claimMachine(
  { nodeName, vmId, name, description }: z.infer<typeof machine>,
  api: Api,
  signal: AbortSignal,
): Promise<Claimed | undefined> {
  const node = (await completeList(api, signal)).find(({ vmid }) => vmid === vmId)?.node;
  if (node === undefined) return { there: false };
  const path = pathOf({ node, vmId });
  const found = await api.get(`${path}/config`, told, signal);
  if (found.name !== name || found.description?.trim() !== description) return undefined;
  const move = { target: nodeName, "with-local-disks": 1 };
  if (node !== nodeName) await carryOut(api, `POST ${path}/migrate`, signal, move);
  return { there: true, id: String(vmId) };
}

async function claimRules(
  { nodeName: node, vmId }: z.infer<typeof firewall>,
  api: Api,
  signal: AbortSignal,
): Promise<Claimed | undefined> {
  const rules = await api.get(`${pathOf({ node, vmId })}/firewall/rules`, z.array(z.unknown()), signal);
  return rules.length === 0 ? { there: false } : undefined;
}
