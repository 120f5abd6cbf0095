// What the subscription's networks and rules mean on the wire, in the world's words.
import { addressOf, contains, networkOf, prefixOf } from "../../../world/address.ts";
import type { Filter, FilterRule, Nic as WorldNic } from "../../../world/machine.ts";
import type { CloudRoute, CloudSubnet } from "../../../world/subnet.ts";
import { effectiveRoutes } from "./routing.ts";
import type { Machine, Network, Nic, Rule, Subnet, Subscription } from "./state.ts";
import { byId } from "./subscription.ts";

/** A virtual machine in the world. */
export function machineId({ vmId }: Pick<Machine, "vmId">): string {
  return `azure/${vmId}`;
}

function segmentOf({ id }: Subnet): string {
  return `azure${id.toLowerCase()}`;
}

/** Has the world follow the subscription: its subnets, and the interfaces of running machines. */
export function lower(subscription: Subscription): void {
  const { world } = subscription;
  for (const segment of world.subnets.keys()) if (segment.startsWith("azure/")) world.subnets.delete(segment);
  for (const subnet of subscription.subnets.values())
    world.subnets.set(segmentOf(subnet), lowerSubnet(subscription, subnet));
  for (const machine of subscription.machines.values()) {
    const running = world.machines.get(machineId(machine));
    if (running !== undefined) running.nics = lowerNics(subscription, machine);
  }
}

/** Azure keeps the first address after the network's own for the gateway, which is nowhere to be seen. */
export function gatewayOf({ prefix }: Pick<Subnet, "prefix">): string {
  return addressOf(networkOf(prefix)).replace(/\d+$/, (end) => String(Number(end) + 1));
}

function lowerSubnet(subscription: Subscription, subnet: Subnet): CloudSubnet {
  return {
    network: `azure${subnet.network.toLowerCase()}`,
    gateway: gatewayOf(subnet),
    routes: effectiveRoutes(subscription, subnet)
      .filter(({ state }) => state === "Active")
      .map((route) => ({ destination: route.prefix, target: targetOf(subscription, subnet, route) })),
    // Azure has no gateway to attach: every network is connected.
    connected: true,
  };
}

type Hop = { readonly hop: string; readonly address?: string | undefined };

function targetOf(subscription: Subscription, subnet: Subnet, { hop, address }: Hop): CloudRoute["target"] {
  if (hop === "VnetLocal") return "local";
  if (hop === "Internet") return "internet";
  if (hop !== "VirtualAppliance") return "nowhere";
  const appliance = [...subscription.machines.values()].find(({ nics, power }) =>
    nics.some(({ id }) => {
      const nic = byId(subscription.nics, id);
      const network = byId(subscription.subnets, nic?.subnet)?.network;
      return power === "running" && nic?.address === address && network === subnet.network;
    }),
  );
  return appliance === undefined ? "nowhere" : { machine: machineId(appliance) };
}

/** The interfaces of a machine, in their order. */
export function lowerNics(subscription: Subscription, { nics }: Machine): WorldNic[] {
  return nics.flatMap(({ id }) => {
    const nic = byId(subscription.nics, id);
    const subnet = byId(subscription.subnets, nic?.subnet);
    return nic === undefined || subnet === undefined ? [] : [lowerNic(subscription, nic, subnet)];
  });
}

function lowerNic(subscription: Subscription, nic: Nic, subnet: Subnet): WorldNic {
  const known = byId(subscription.addresses, nic.publicAddress);
  return {
    mac: nic.mac.replaceAll("-", ":").toLowerCase(),
    segment: segmentOf(subnet),
    filter: filterOf(subscription, nic, subnet),
    routed: {
      address: nic.address,
      guarded: !nic.forwards,
      ...(known !== undefined && { publicAddress: known.ip }),
    },
  };
}

/** What the group of the subnet and that of the interface let pass: both must. */
function filterOf(subscription: Subscription, nic: Nic, subnet: Subnet): Filter {
  const groups = [subnet.security, nic.security].flatMap((id) => byId(subscription.securities, id) ?? []);
  const [first, second] = groups.map(({ rules }) => lowerRules(subscription, subnet, rules));
  if (first === undefined) return unguarded(subscription, subnet);
  const rules = second === undefined ? first : both(first, second);
  return { policyIn: "drop", policyOut: "drop", rules };
}

/** Without any group a Standard public address lets nothing in (Azure docs, "Public IP addresses"). */
function unguarded(subscription: Subscription, subnet: Subnet): Filter {
  const rules = inside(subscription, subnet).map(
    (remote) => ({ direction: "in", action: "accept", protocol: "any", remote }) as const,
  );
  return { policyIn: "drop", policyOut: "accept", rules };
}

/** By priority, and after them those that every group has (Azure docs, "Network security groups"). */
function lowerRules(subscription: Subscription, subnet: Subnet, rules: readonly Rule[]): FilterRule[] {
  const own = rules
    .toSorted((a, b) => a.priority - b.priority)
    .flatMap((rule) => lowerRule(subscription, subnet, rule));
  const within = inside(subscription, subnet);
  const standing = (["in", "out"] as const).flatMap((direction) =>
    within.map((remote) => ({ direction, action: "accept", protocol: "any", remote }) as const),
  );
  return [
    ...own,
    ...standing,
    { direction: "out", action: "accept", protocol: "any" },
    { direction: "in", action: "drop", protocol: "any" },
  ];
}

/**
 * What the tag VirtualNetwork stands for: the network's ranges, and the prefixes of the routes that somebody defined (Azure
 * docs, "Virtual network service tags").
 */
function inside(subscription: Subscription, subnet: Subnet): readonly string[] {
  const network: Network | undefined = byId(subscription.networks, subnet.network);
  const routes = byId(subscription.tables, subnet.table)?.routes ?? [];
  return [...(network?.prefixes ?? []), ...routes.map(({ addressPrefix }) => addressPrefix)];
}

function lowerRule(subscription: Subscription, subnet: Subnet, rule: Rule): FilterRule[] {
  const direction = rule.direction === "Inbound" ? "in" : "out";
  const words =
    direction === "in"
      ? [rule.sourceAddressPrefix, ...(rule.sourceAddressPrefixes ?? [])]
      : [rule.destinationAddressPrefix];
  const protocol = ({ "*": "any", tcp: "tcp", udp: "udp", icmp: "icmp" } as const)[
    rule.protocol.toLowerCase()
  ];
  if (protocol === undefined) return [];
  const ports = portsOf(rule.destinationPortRange);
  return words
    .flatMap((word) => (word === undefined ? [] : remotesOf(word, inside(subscription, subnet))))
    .map((remote) => ({
      direction,
      action: rule.access === "Allow" ? ("accept" as const) : ("drop" as const),
      protocol,
      ...(ports !== undefined && protocol !== "icmp" && { ports }),
      ...(remote !== undefined && { remote }),
    }));
}

function remotesOf(word: string, within: readonly string[]): readonly (string | undefined)[] {
  if (word === "*") return [undefined];
  return word === "VirtualNetwork" ? within : [word];
}

function portsOf(range: string): readonly [number, number] | undefined {
  if (range === "*") return undefined;
  const [first = 0, last = first] = range.split("-").map(Number);
  return [first, last];
}

/** Two lists of rules after each other, as one: a packet's first match is then the pair of its first matches. */
function both(first: readonly FilterRule[], second: readonly FilterRule[]): FilterRule[] {
  return first.flatMap((one) => second.flatMap((other) => meet(one, other)));
}

/** The packets that both rules match; none where there are none. */
function meet(one: FilterRule, other: FilterRule): FilterRule[] {
  const protocol = one.protocol === "any" ? other.protocol : one.protocol;
  if (one.direction !== other.direction || ![protocol, "any"].includes(other.protocol)) return [];
  const remotes = narrower(one.remote, other.remote);
  const [low, high] = [0, 1].map((end) => [one.ports, other.ports].flatMap((ports) => ports?.[end] ?? []));
  const ports =
    low === undefined || high === undefined || low.length === 0
      ? undefined
      : ([Math.max(...low), Math.min(...high)] as const);
  if (remotes === undefined || (ports !== undefined && ports[0] > ports[1])) return [];
  const action = one.action === "accept" && other.action === "accept" ? "accept" : "drop";
  return [{ direction: one.direction, action, protocol, ...(ports !== undefined && { ports }), ...remotes }];
}

function narrower(one: string | undefined, other: string | undefined): { remote?: string } | undefined {
  if (one === undefined) return other === undefined ? {} : { remote: other };
  if (other === undefined) return { remote: one };
  const [wide, narrow] = prefixOf(one) < prefixOf(other) ? [one, other] : [other, one];
  return contains(wide, addressOf(narrow)) ? { remote: narrow } : undefined;
}
