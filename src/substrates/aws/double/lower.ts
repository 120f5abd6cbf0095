// What the account's networks and rules mean on the wire, in the world's words.
import { contains, prefixOf } from "../../../world/address.ts";
import type { Filter, FilterRule, Nic } from "../../../world/machine.ts";
import type { CloudRoute, CloudSubnet } from "../../../world/subnet.ts";
import type { Account, Group, Instance, Rule, Subnet, Table } from "./state.ts";

/** An instance's machine in the world. */
export function machineId(instance: string): string {
  return `aws/${instance}`;
}

/** The segment of a subnet. */
function segmentOf(subnet: string): string {
  return `aws/${subnet}`;
}

/** Has the world follow the account: its subnets, and the interfaces of running instances. */
export function lower(account: Account): void {
  const { world } = account;
  for (const segment of world.subnets.keys()) if (segment.startsWith("aws/")) world.subnets.delete(segment);
  for (const subnet of account.subnets.values())
    world.subnets.set(segmentOf(subnet.id), lowerSubnet(account, subnet));
  for (const instance of account.instances.values()) {
    const machine = world.machines.get(machineId(instance.id));
    if (machine !== undefined) machine.nics = [lowerNic(account, instance)];
  }
}

/** AWS keeps the first address after the network's own for the router (VPC User Guide, "Subnet CIDR blocks"). */
export function gatewayOf({ cidr }: Subnet): string {
  return cidr.replace(/\d+\/\d+$/, (end) => String(Number.parseInt(end, 10) + 1));
}

function lowerSubnet(account: Account, subnet: Subnet): CloudSubnet {
  const vpc = account.vpcs.get(subnet.vpc);
  const table = tableOf(account, subnet);
  const local = vpc === undefined ? [] : [{ destination: vpc.cidr, target: "local" as const }];
  const connected = [...account.gateways.values()].some((gateway) => gateway.vpc === subnet.vpc);
  const routes = table?.routes.map((route) => lowerRoute(account, table, route)) ?? [];
  return {
    network: `aws/${subnet.vpc}`,
    gateway: gatewayOf(subnet),
    routes: [...local, ...routes],
    connected,
  };
}

/** The table that somebody associated with the subnet, else its VPC's main one. */
function tableOf(account: Account, { id, vpc }: Subnet): Table | undefined {
  const own = [...account.associations.values()].find(({ subnet }) => subnet === id)?.table;
  return account.tables.get(own ?? account.vpcs.get(vpc)?.mainTable ?? "");
}

function lowerRoute(
  account: Account,
  table: Table,
  { cidr, gateway, eni }: Table["routes"][number],
): CloudRoute {
  if (gateway !== undefined) {
    const attached = account.gateways.get(gateway)?.vpc === table.vpc;
    return { destination: cidr, target: attached ? "internet" : "nowhere" };
  }
  const owner = [...account.instances.values()].find((one) => one.eni === eni && one.state === "running");
  return { destination: cidr, target: owner === undefined ? "nowhere" : { machine: machineId(owner.id) } };
}

/** An instance's one interface. */
export function lowerNic(account: Account, instance: Instance): Nic {
  const address = [...account.addresses.values()].find(
    ({ association }) => association?.instance === instance.id,
  );
  return {
    mac: instance.mac,
    segment: segmentOf(instance.subnet),
    filter: filterOf(account, instance),
    routed: {
      address: instance.address,
      guarded: instance.guarded,
      ...(address !== undefined && { publicAddress: address.ip }),
    },
  };
}

/** Security groups only ever allow; what none of an instance's groups allows is dropped. */
function filterOf(account: Account, { groups }: Instance): Filter {
  const rules = groups.flatMap((id) => account.groups.get(id)?.rules ?? []);
  return {
    policyIn: "drop",
    policyOut: "drop",
    rules: rules.flatMap((rule) => lowerRule(account, rule)),
  };
}

/** A rule that names a group stands for the addresses inside of all who are in it. */
function lowerRule(account: Account, rule: Rule): FilterRule[] {
  const remotes = "cidr" in rule.far ? [rule.far.cidr] : addressesIn(account, rule.far.group);
  const protocol = { "-1": "any", tcp: "tcp", udp: "udp", icmp: "icmp" } as const;
  const known = Object.entries(protocol).find(([word]) => word === rule.protocol)?.[1];
  if (known === undefined) return [];
  const ranged = known === "tcp" || known === "udp";
  return remotes.map((remote) => ({
    direction: rule.out ? ("out" as const) : ("in" as const),
    action: "accept" as const,
    protocol: known,
    ...(ranged && { ports: [rule.from, rule.to] as const }),
    remote,
  }));
}

function addressesIn(account: Account, group: Group["id"]): readonly string[] {
  const members = [...account.instances.values()].filter(
    ({ groups, state }) => groups.includes(group) && state !== "terminated",
  );
  return members.map(({ address }) => `${address}/32`);
}

/** How many addresses of a subnet can still be given out: AWS keeps five of each for itself. */
export function freeAddresses(account: Account, { id, cidr }: Subnet): number {
  const used = [...account.instances.values()].filter(
    ({ subnet, state }) => subnet === id && state !== "terminated",
  );
  return 2 ** (32 - prefixOf(cidr)) - 5 - used.length;
}

/** Whether an address can be given to an instance in a subnet. */
export function isFree(account: Account, subnet: Subnet, address: string): boolean {
  const taken = [...account.instances.values()].some(
    (one) => one.subnet === subnet.id && one.address === address && one.state !== "terminated",
  );
  return contains(subnet.cidr, address) && address !== gatewayOf(subnet) && !taken;
}
