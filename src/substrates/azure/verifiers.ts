// Which checks verify a declared resource: a repair of it counts only when these passed afterwards.
import type { CheckId, CheckKey } from "../../check/key.ts";
import type { CloudGuest } from "../cloud/topology.ts";
import type { AzureConfig } from "./config.ts";
import { addressNameOf, logical, nicNameOf } from "./names.ts";

/** The checks that cover a resource of the program, by its logical name; none for what only a person can mend. */
export function verifiers(config: AzureConfig, resource: string): readonly CheckKey[] {
  const guest = config.guests.find((one) =>
    [one.name, addressNameOf(one), nicNameOf(one)].includes(resource),
  );
  if (guest === undefined && !Object.values<string>(logical).includes(resource)) return [];
  const own = guest === undefined ? once(resource) : [...ofGuest(config, guest), "azure.sg" as const];
  return [...own, "azure.inventory", "azure.drift"];
}

function once(resource: string): readonly CheckId[] {
  const { group, network, subnet, routes, security, key } = logical;
  if (resource === group) return ["azure.filter"];
  if (resource === network) return ["azure.network"];
  if (resource === subnet) return ["azure.network", "azure.routes", "azure.sg"];
  if (resource === routes) return ["azure.routes"];
  if (resource === security) return ["azure.sg"];
  return resource === key ? ["azure.sshkey"] : [];
}

function ofGuest({ flows }: AzureConfig, { name, forwards }: CloudGuest): readonly CheckKey[] {
  const ids: readonly CheckId[] = [
    ...(["azure.vm", "azure.bootstrap", "azure.pubip", "azure.metadata"] as const),
    ...(["g.ssh", "g.cloudinit", "g.hostname", "g.addr", "g.userdata", "g.instanceid"] as const),
    ...(forwards ? (["azure.fwdflag"] as const) : []),
    ...(flows.some(({ from, works }) => from.name === name && works) ? (["azure.eastwest"] as const) : []),
    ...(flows.some(({ from, works }) => from.name === name && !works) ? (["azure.negative"] as const) : []),
  ];
  return ids.map((id) => `${id}@${name}` as const);
}
