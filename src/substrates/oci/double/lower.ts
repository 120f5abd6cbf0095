// What the tenancy's networks and rules mean on the wire, in the world's words.
import { contains, prefixOf } from "../../../world/address.ts";
import type { Filter, FilterRule, Nic } from "../../../world/machine.ts";
import type { CloudSubnet } from "../../../world/subnet.ts";
import type { Instance, Rule, Subnet, Tenancy } from "./state.ts";

/** An instance's machine in the world. */
export function machineId(instance: string): string {
  return `oci/${instance}`;
}

function segmentOf(subnet: string): string {
  return `oci/${subnet}`;
}

/** Has the world follow the tenancy: its subnets, and the interfaces of running instances. */
export function lower(tenancy: Tenancy): void {
  const { world } = tenancy;
  for (const segment of world.subnets.keys()) if (segment.startsWith("oci/")) world.subnets.delete(segment);
  for (const subnet of tenancy.subnets.values())
    world.subnets.set(segmentOf(subnet.id), lowerSubnet(tenancy, subnet));
  for (const instance of tenancy.instances.values()) {
    const machine = world.machines.get(machineId(instance.id));
    if (machine !== undefined) machine.nics = [lowerNic(tenancy, instance)];
  }
}

/** OCI keeps the first two addresses and the last one; the second is the virtual router's ("Overview of VCNs and Subnets"). */
export function routerOf({ cidr }: Pick<Subnet, "cidr">): string {
  return cidr.replace(/\d+\/\d+$/, (end) => String(Number.parseInt(end, 10) + 1));
}

/** Whether an address can be given to an interface in a subnet. */
export function isFree({ instances }: Tenancy, subnet: Subnet, address: string): boolean {
  const others = [...instances.values()].filter(({ state }) => state !== "TERMINATED");
  const taken = others.some(({ vnic }) => vnic.subnet === subnet.id && vnic.address === address);
  const end = Number(address.split(".")[3]);
  const last =
    prefixOf(subnet.cidr) >= 24 &&
    end % 2 ** (32 - prefixOf(subnet.cidr)) === 2 ** (32 - prefixOf(subnet.cidr)) - 1;
  return contains(subnet.cidr, address) && address !== routerOf(subnet) && !last && !taken;
}

function lowerSubnet(tenancy: Tenancy, subnet: Subnet): CloudSubnet {
  const local = tenancy.vcns.get(subnet.vcn)?.cidrs ?? [];
  const routes = tenancy.tables.get(subnet.table)?.routes ?? [];
  const open = [...tenancy.gateways.values()].some(({ vcn, enabled }) => vcn === subnet.vcn && enabled);
  return {
    network: `oci/${subnet.vcn}`,
    gateway: routerOf(subnet),
    routes: [
      ...local.map((destination) => ({ destination, target: "local" as const })),
      ...routes.map(({ destination, entity }) => ({
        destination,
        target: tenancy.gateways.get(entity)?.enabled ? ("internet" as const) : ("nowhere" as const),
      })),
    ],
    connected: open,
  };
}

/** An instance's one interface. */
export function lowerNic(tenancy: Tenancy, { vnic }: Instance): Nic {
  const address = [...tenancy.addresses.values()].find(({ privateIp }) => privateIp === vnic.privateIp);
  return {
    mac: vnic.mac,
    segment: segmentOf(vnic.subnet),
    filter: filterOf(tenancy, vnic.subnet),
    routed: {
      address: vnic.address,
      guarded: !vnic.unguarded,
      ...(address !== undefined && { publicAddress: address.ip }),
    },
  };
}

/** Security lists only ever allow; what none of a subnet's lists allows is dropped. */
function filterOf({ subnets, lists }: Tenancy, subnet: string): Filter {
  const rules = (subnets.get(subnet)?.lists ?? []).flatMap((id) => lists.get(id)?.rules ?? []);
  return { policyIn: "drop", policyOut: "drop", rules: rules.flatMap(lowerRule) };
}

const protocols = { all: "any", "1": "icmp", "6": "tcp", "17": "udp" } as const;

function lowerRule({ out, protocol, far, ports }: Rule): FilterRule[] {
  const known = Object.entries(protocols).find(([number]) => number === protocol)?.[1];
  if (known === undefined) return [];
  const ranged = (known === "tcp" || known === "udp") && ports !== undefined;
  return [
    {
      direction: out ? "out" : "in",
      ...{ action: "accept", protocol: known, remote: far },
      ...(ranged && { ports }),
    },
  ];
}
