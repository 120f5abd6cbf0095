// The datacenter's aliases and IP sets: names that firewall rules may use for addresses.
import { digestOf } from "./digest.ts";
import { broken, invalid } from "./refusal.ts";
import type { Cluster, IpSet } from "./state.ts";

/** GET /cluster/firewall/aliases/{name} */
export function readAlias(cluster: Cluster, name: string): Record<string, unknown> {
  return { name, ...aliasOf(cluster, name), ipversion: 4 };
}

/** POST /cluster/firewall/aliases */
export function addAlias(
  cluster: Cluster,
  name: string,
  alias: { cidr: string; comment?: string | undefined },
): void {
  if (cluster.aliases.has(name)) throw invalid({ name: `alias '${name}' already exists` });
  cluster.aliases.set(name, alias);
}

/** PUT /cluster/firewall/aliases/{name} */
export function changeAlias(
  cluster: Cluster,
  name: string,
  alias: { cidr: string; comment?: string | undefined; rename?: string | undefined },
): void {
  const { rename = name, ...rest } = alias;
  aliasOf(cluster, name);
  if (rename !== name && cluster.aliases.has(rename))
    throw invalid({ name: `alias '${rename}' already exists` });
  cluster.aliases.delete(name);
  cluster.aliases.set(rename, rest);
}

/** DELETE /cluster/firewall/aliases/{name} */
export function removeAlias(cluster: Cluster, name: string): void {
  cluster.aliases.delete(name);
}

/** GET /cluster/firewall/ipset */
export function listIpSets(cluster: Cluster): Record<string, unknown>[] {
  const digest = digestOf([...cluster.ipsets.keys()]);
  return [...cluster.ipsets].map(([name, { comment }]) => ({ name, ...(comment && { comment }), digest }));
}

/** GET /cluster/firewall/ipset/{name} */
export function readIpSet(cluster: Cluster, name: string): Record<string, unknown>[] {
  const { entries } = ipSetOf(cluster, name);
  const digest = digestOf([...entries]);
  return [...entries].map(([cidr, { comment }]) => ({ cidr, ...(comment && { comment }), digest }));
}

/** POST /cluster/firewall/ipset */
export function addIpSet(cluster: Cluster, name: string, comment?: string): void {
  if (cluster.ipsets.has(name)) throw broken(`IPSet '${name}' already exists`);
  cluster.ipsets.set(name, { entries: new Map(), ...(comment !== undefined && { comment }) });
}

/** DELETE /cluster/firewall/ipset/{name}: only an empty one goes. */
export function removeIpSet(cluster: Cluster, name: string): void {
  if (ipSetOf(cluster, name).entries.size > 0) throw broken(`IPSet '${name}' is not empty`);
  cluster.ipsets.delete(name);
}

/** POST /cluster/firewall/ipset/{name} */
export function addToIpSet(
  cluster: Cluster,
  name: string,
  entry: { cidr: string; comment?: string | undefined },
): void {
  const { entries } = ipSetOf(cluster, name);
  if (entries.has(entry.cidr)) throw invalid({ cidr: `address '${entry.cidr}' already exists` });
  entries.set(entry.cidr, entry.comment === undefined ? {} : { comment: entry.comment });
}

/** DELETE /cluster/firewall/ipset/{name}/{cidr} */
export function removeFromIpSet(cluster: Cluster, name: string, cidr: string): void {
  ipSetOf(cluster, name).entries.delete(cidr);
}

/** The networks that a rule's address field means: a list of networks, an alias, or `+<IP set>`. */
export function addressesOf(cluster: Cluster, field: string): string[] {
  if (field.startsWith("+"))
    return [...ipSetOf(cluster, field.slice(1).replace(/^dc\//, "")).entries.keys()].map(asCidr);
  const alias = cluster.aliases.get(field.replace(/^dc\//, ""));
  return (alias?.cidr ?? field).split(",").map(asCidr);
}

function asCidr(address: string): string {
  return address.includes("/") ? address : `${address}/32`;
}

function aliasOf(
  cluster: Cluster,
  name: string,
): { readonly cidr: string; readonly comment?: string | undefined } {
  const alias = cluster.aliases.get(name);
  if (alias === undefined) throw invalid({ name: "no such alias" });
  return alias;
}

function ipSetOf(cluster: Cluster, name: string): IpSet {
  const found = cluster.ipsets.get(name);
  if (found === undefined) throw broken(`no such IPSet '${name}'`);
  return found;
}
