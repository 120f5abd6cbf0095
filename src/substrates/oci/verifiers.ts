// Which checks verify a declared resource: a repair of it counts only when these passed afterwards.
import type { CheckId, CheckKey } from "../../check/key.ts";
import type { CloudGuest } from "../cloud/topology.ts";
import type { OciConfig } from "./config.ts";
import { addressNameOf, logical } from "./names.ts";

/** The checks that cover a resource of the program, by its logical name; none for what only a person can mend. */
export function verifiers(config: OciConfig, resource: string): readonly CheckKey[] {
  const guest = config.guests.find((one) => [one.name, addressNameOf(one)].includes(resource));
  if (guest === undefined && !Object.values<string>(logical).includes(resource)) return [];
  return [...(guest === undefined ? once(resource) : ofGuest(config, guest)), "oci.inventory", "oci.drift"];
}

function once(resource: string): readonly CheckId[] {
  const { network, subnet, gateway, routes, security } = logical;
  if (resource === subnet) return ["oci.network", "oci.routes", "oci.sg"];
  if ([network, gateway].some((name) => name === resource)) return ["oci.network", "oci.routes"];
  if (resource === routes) return ["oci.routes"];
  return resource === security ? ["oci.sg"] : [];
}

function ofGuest({ flows }: OciConfig, { name, forwards }: CloudGuest): readonly CheckKey[] {
  const ids: readonly CheckId[] = [
    ...(["oci.bootstrap", "oci.sshkey", "oci.pubip", "oci.metadata"] as const),
    ...(["g.ssh", "g.cloudinit", "g.hostname", "g.addr", "g.userdata", "g.instanceid", "g.fw"] as const),
    ...(forwards ? (["oci.fwdflag"] as const) : []),
    ...(flows.some(({ from, works }) => from.name === name && works) ? (["oci.eastwest"] as const) : []),
    ...(flows.some(({ from, works }) => from.name === name && !works) ? (["oci.negative"] as const) : []),
  ];
  return ids.map((id) => `${id}@${name}` as const);
}
