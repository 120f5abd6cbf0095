// Networks as clouds lay them: no wire of layer 2, a router that is nowhere, public addresses that are translated.
import { contains, prefixOf } from "./address.ts";
import type { Packet } from "./filter.ts";
import { type Host, hostOf, owns, routerOf } from "./host.ts";
import type { Machine } from "./machine.ts";
import { type Masked, mask, unmask } from "./nat.ts";
import type { Site } from "./site.ts";
import { type CloudRoute, type CloudSubnet, internet } from "./subnet.ts";
import type { World } from "./world.ts";

/** What the packet belongs to. */
export type Flow = {
  /** A host outside of the machines that may be the one it is for. */
  readonly outsider: Host;
  /** What sites' routers must know again when a reply comes: of this direction, and of the one before. */
  readonly masked: Masked;
  readonly before: ReadonlyMap<Site, string>;
};

/** A packet as it comes to the next host. */
type Arrival<P extends Packet> = { readonly host: Host; readonly nic: number; readonly packet: P };

/**
 * Carries a packet that a host sends out of an interface into a cloud's subnet or the internet. A cloud drops in silence
 * what it does not carry: none then.
 * @param via the neighbour that the sender's routing table names
 */
export function carry<P extends Packet>(
  world: World,
  sent: { readonly from: Host; readonly nic: number; readonly via: string; readonly packet: P },
  flow: Flow,
): Arrival<P> | undefined {
  const nic = sent.from.nics[sent.nic];
  const subnet = world.subnets.get(nic?.segment ?? "");
  if (subnet === undefined) {
    const { site } = sent.from;
    const packet = site === undefined ? sent.packet : mask(site, sent.packet, flow.masked);
    return fromInternet(world, packet, flow);
  }
  const { routed } = nic ?? {};
  if (routed === undefined || (routed.guarded && routed.address !== sent.packet.source)) return undefined;
  if (sent.via !== subnet.gateway) return to(machineAt(world, subnet.network, sent.via), sent.packet);
  const target = routeTo(subnet, sent.packet.destination);
  if (target === "local") return to(machineAt(world, subnet.network, sent.packet.destination), sent.packet);
  if (target === "internet" && subnet.connected && routed.publicAddress !== undefined)
    return fromInternet(world, { ...sent.packet, source: routed.publicAddress }, flow);
  return typeof target === "object" ? to(world.machines.get(target.machine), sent.packet) : undefined;
}

function routeTo({ routes }: CloudSubnet, destination: string): CloudRoute["target"] {
  const fitting = routes.filter((route) => contains(route.destination, destination));
  const [longest] = fitting.toSorted((a, b) => prefixOf(b.destination) - prefixOf(a.destination));
  return longest?.target ?? "nowhere";
}

function machineAt(world: World, network: string, address: string): Machine | undefined {
  return [...world.machines.values()].find(({ nics }) =>
    nics.some(
      ({ segment = "", routed }) =>
        routed?.address === address && world.subnets.get(segment)?.network === network,
    ),
  );
}

/** To the first of a machine's interfaces that is in a cloud. */
function to<P extends Packet>(machine: Machine | undefined, packet: P): Arrival<P> | undefined {
  const nic = machine?.nics.findIndex(({ routed }) => routed !== undefined) ?? -1;
  const { routed } = machine?.nics[nic] ?? {};
  if (machine === undefined || routed === undefined) return undefined;
  return routed.guarded && routed.address !== packet.destination
    ? undefined
    : { host: hostOf(machine), nic, packet };
}

function fromInternet<P extends Packet>(world: World, packet: P, flow: Flow): Arrival<P> | undefined {
  for (const machine of world.machines.values())
    for (const { segment = "", routed } of machine.nics)
      if (routed?.publicAddress === packet.destination && world.subnets.get(segment)?.connected === true)
        return to(machine, { ...packet, destination: routed.address });
  for (const site of world.sites)
    if (site.publicAddress === packet.destination) return toSite(world, site, { packet, ...flow });
  const { outsider } = flow;
  const isThere = outsider.nics[0]?.segment === internet && owns(outsider, packet.destination);
  return isThere ? { host: outsider, nic: 0, packet } : undefined;
}

function toSite<P extends Packet>(
  world: World,
  site: Site,
  arrived: { readonly packet: P } & Flow,
): Arrival<P> | undefined {
  const packet = unmask(world, site, arrived);
  return packet && { host: routerOf(site), nic: 1, packet };
}
