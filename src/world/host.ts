// What can send and receive packets: a machine, or the controller where it is attached.
import { addressOf, contains, isAt, prefixOf } from "./address.ts";
import type { Cidr, GuestSystem, Machine, Nic } from "./machine.ts";
import type { Site } from "./site.ts";
import { internet } from "./subnet.ts";
import type { World } from "./world.ts";

/** Something outside of the machines that is plugged into a segment; it forwards nothing and has no gateway. */
export type Attachment = { readonly segment: string; readonly address: Cidr };

/** The part of a system that packets meet. */
export type Host = {
  /** None for an attachment and for a site's router. */
  readonly machine?: Machine;
  /** Only of a site's router. */
  readonly site?: Site;
  readonly nics: readonly Nic[];
  readonly system: Pick<
    GuestSystem,
    "addresses" | "routes" | "forwarding" | "listening" | "mtus" | "firewall"
  >;
};

/** Where a packet leaves a host: through which interface, to which neighbour. */
export type Hop = {
  readonly nic: number;
  readonly name: string;
  readonly via: string;
  readonly source: string;
};

/** A machine or an attachment as a host. */
export function hostOf(origin: Machine | Attachment): Host {
  if ("system" in origin) return { machine: origin, nics: origin.nics, system: origin.system };
  const addresses = [{ nic: 0, name: "lan", address: origin.address }];
  const system = { addresses, routes: [], forwarding: false, listening: [], mtus: {} };
  return { nics: [{ mac: "02:00:00:00:00:01", segment: origin.segment }], system };
}

/** A site's router as a host: inside by its first interface, on the internet by its second. */
export function routerOf(site: Site): Host {
  const addresses = [
    { nic: 0, name: "lan", address: site.address },
    // On the internet everything is one hop away.
    { nic: 1, name: "wan", address: `${site.publicAddress}/0` },
  ];
  const nics = [
    { mac: "02:00:00:00:00:02", segment: site.segment },
    { mac: "02:00:00:00:00:03", segment: internet },
  ];
  return { site, nics, system: { addresses, routes: [], forwarding: true, listening: [], mtus: {} } };
}

/**
 * Whether a machine is there, up, and not silenced. A machine that is not answers nothing: no packet, no agent.
 * Faults: `<substrate>/silent`, `<substrate>/<label>/silent`, and `<substrate>/<label>/hung`, which the machine that
 * was running then gets over only by being switched on again.
 */
export function isAlive(world: World, machine: Machine): boolean {
  const { id, substrate, label, readyAt } = machine;
  const silenced = world.isBroken(`${substrate}/silent`) || world.isBroken(`${substrate}/${label}/silent`);
  const hungAt = world.brokenSince(`${substrate}/${label}/hung`);
  const hung = hungAt !== undefined && machine.startedAt <= hungAt;
  const up = world.now() >= readyAt && machine.paused !== true;
  return world.machines.get(id) === machine && up && !silenced && !hung;
}

/** Whether an address is one of the host's own, on whichever interface. */
export function owns(host: Host, address: string): boolean {
  return host.system.addresses.some((own) => isAt(own.address, address));
}

/** The way out by the routing table: the longest prefix among connected networks and routes; none: no route. */
export function hopTo({ system }: Host, destination: string): Hop | undefined {
  const connected = (address: string) => system.addresses.find((own) => contains(own.address, address));
  const candidates = [
    ...system.addresses.map(({ address }) => ({ network: address, via: destination })),
    ...system.routes.map((route) => ({ network: route.destination, via: route.via })),
  ].filter(({ network }) => contains(network, destination));
  for (const { via } of candidates.toSorted((a, b) => prefixOf(b.network) - prefixOf(a.network))) {
    const out = connected(via);
    if (out !== undefined) return { nic: out.nic, name: out.name, via, source: addressOf(out.address) };
  }
  return undefined;
}
