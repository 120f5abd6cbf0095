// Which checks verify a declared resource: a repair of it counts only when these passed afterwards.
import type { CheckId, CheckKey } from "../../check/key.ts";
import type { CloudGuest } from "../cloud/topology.ts";
import type { AwsConfig } from "./config.ts";
import { addressNameOf, logical } from "./names.ts";

/** The checks that cover a resource of the program, by its logical name; none for what only a person can mend. */
export function verifiers(config: AwsConfig, resource: string): readonly CheckKey[] {
  const guest = config.guests.find((one) => [one.name, addressNameOf(one)].includes(resource));
  if (guest === undefined && !Object.values<string>(logical).includes(resource)) return [];
  const own = guest === undefined ? once(resource) : [...ofGuest(config, guest), "aws.sg" as const];
  return [...own, "aws.inventory", "aws.drift"];
}

function once(resource: string): readonly CheckId[] {
  const { network, subnet, gateway, routes, association, security, key } = logical;
  if ([network, subnet, gateway].some((name) => name === resource)) return ["aws.network", "aws.routes"];
  if ([routes, association].some((name) => name === resource)) return ["aws.routes"];
  if (resource === security) return ["aws.sg"];
  return resource === key ? ["aws.sshkey"] : [];
}

function ofGuest({ flows }: AwsConfig, { name, forwards }: CloudGuest): readonly CheckKey[] {
  const ids: readonly CheckId[] = [
    ...(["aws.bootstrap", "aws.pubip", "aws.metadata"] as const),
    ...(["g.ssh", "g.cloudinit", "g.hostname", "g.addr", "g.userdata", "g.instanceid"] as const),
    ...(forwards ? (["aws.fwdflag"] as const) : []),
    ...(flows.some(({ from, works }) => from.name === name && works) ? (["aws.eastwest"] as const) : []),
    ...(flows.some(({ from, works }) => from.name === name && !works) ? (["aws.negative"] as const) : []),
  ];
  return ids.map((id) => `${id}@${name}` as const);
}
