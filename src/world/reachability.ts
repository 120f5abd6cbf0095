// Whether a packet gets from here to there, computed from wires, addresses, routes, filters and faults.
import { isAt } from "./address.ts";
import { carry, type Flow } from "./cloud.ts";
import { type Packet, permits } from "./filter.ts";
import { admits } from "./firewall.ts";
import { type Attachment, type Hop, type Host, hopTo, hostOf, isAlive, owns, routerOf } from "./host.ts";
import type { Machine, Nic } from "./machine.ts";
import type { Masked } from "./nat.ts";
import { internet } from "./subnet.ts";
import type { World } from "./world.ts";

/** What is tried. */
export type Attempt = {
  readonly to: string;
  /** The source address; the outgoing interface's where none is given. */
  readonly from?: string | undefined;
} & (
  | {
      readonly protocol: "icmp";
      /** Bytes of an IP packet that must not be taken apart; small where none are given. */
      readonly size?: number | undefined;
    }
  | { readonly protocol: "tcp" | "udp"; readonly port: number }
);

/** What comes back. */
export type Verdict =
  /**
   * An answer: echo reply, an open port. `hops`: routers on the way there; `seen`: the address that it came from, as
   * the far side saw it. No machine: the controller answered.
   */
  | {
      readonly result: "delivered";
      readonly machine?: Machine | undefined;
      readonly hops: number;
      readonly seen: string;
    }
  /** A closed port said so. */
  | { readonly result: "refused"; readonly machine?: Machine | undefined }
  /** Nothing: dropped by a filter, by a machine that does not forward, by silence, or lost on the way back. */
  | { readonly result: "filtered" }
  /** A routing table has no way; `at` is the router that said so, none where it is the sender's own. */
  | { readonly result: "no-route"; readonly at?: string }
  /** There is no next hop on the wire; `at` is who looked for it. */
  | { readonly result: "unreachable"; readonly at: string }
  /** It does not fit through an interface of that MTU; `at` is the router that said so, none: the sender itself. */
  | { readonly result: "too-big"; readonly at?: string; readonly mtu: number }
  /** A host's own filter rejected it; `at` is the host that said so. */
  | { readonly result: "prohibited"; readonly at: string }
  /** Too many hops; `at` is the router that gave up. */
  | { readonly result: "expired"; readonly at: string };

/** Where a packet stopped, at whom, and the address by which that host would tell the sender. */
type Journey = {
  readonly end: "arrived" | "dropped" | "prohibited" | "no-route" | "unreachable" | "too-big" | "expired";
  readonly at: Host;
  readonly address: string;
  /** Where it comes from, as that host sees it. */
  readonly source: string;
  readonly hops: number;
  /** Of the interface that it did not fit through. */
  readonly mtu: number;
  /** The interfaces that let it pass; they remember the flow and let its replies pass. */
  readonly crossed: ReadonlySet<Nic>;
  /** Whom sites' routers have hidden on the way; they give its replies to them. */
  readonly masked: Masked;
};

/** A packet on its way. */
type Parcel = Packet & {
  /** Bytes. */
  readonly size: number;
  /** Whether a router that can not pass it whole may take it apart. */
  readonly divisible: boolean;
};

/** The MTU of an Ethernet interface that nobody has set another one on. */
const usualMtu = 1500;

/** As Linux sends it: https://docs.kernel.org/networking/ip-sysctl.html, ip_default_ttl */
const hopLimit = 64;

/** Tries to get an answer from an address. The origin must be alive itself to be asked. */
export function reach(world: World, origin: Machine | Attachment, attempt: Attempt): Verdict {
  const start = hostOf(origin);
  const source = attempt.from ?? hopTo(start, attempt.to)?.source;
  if (source === undefined)
    return owns(start, attempt.to)
      ? answered(start, attempt, { hops: 0, source: attempt.to })
      : { result: "no-route" };
  const { to: destination, protocol } = attempt;
  const port = "port" in attempt ? attempt.port : undefined;
  const size = "size" in attempt ? (attempt.size ?? 0) : 0;
  const there = travel(world, start, { protocol, port, source, destination, size, divisible: false });
  if (there.end === "dropped") return { result: "filtered" };
  if (sameHost(there.at, start))
    return there.end === "arrived" ? answered(start, attempt, there) : told(there);
  const reply = { protocol, source: there.address, destination: there.source, size, divisible: true };
  const back = travel(world, there.at, reply, { ...there, start });
  if (back.end !== "arrived" || !sameHost(back.at, start)) return { result: "filtered" };
  return there.end === "arrived" ? answered(there.at, attempt, there) : told(there, there.address);
}

function answered(
  { machine, system }: Host,
  attempt: Attempt,
  { hops, source: seen }: Pick<Journey, "hops" | "source">,
): Verdict {
  const open =
    !("port" in attempt) ||
    system.listening.some(({ protocol, port }) => protocol === attempt.protocol && port === attempt.port);
  return open ? { result: "delivered", machine, hops, seen } : { result: "refused", machine };
}

function told({ end, address, mtu }: Journey, router?: string): Verdict {
  if (end === "too-big") return { result: end, mtu, ...(router !== undefined && { at: router }) };
  if (end === "no-route") return router === undefined ? { result: end } : { result: end, at: router };
  if (end === "unreachable" || end === "expired" || end === "prohibited") return { result: end, at: address };
  throw new TypeError(`nobody tells of a packet that ${end}`);
}

/** Follows one packet, of a new flow or, given that flow, of its replies. */
function travel(
  world: World,
  sender: Host,
  parcel: Parcel,
  flow: Pick<Journey, "crossed" | "masked"> & { start: Host } = {
    ...{ start: sender, crossed: new Set(), masked: new Map() },
  },
): Journey {
  const crossed = new Set<Nic>();
  const masked: Masked = new Map();
  const passes = gatekeeper(flow.crossed, crossed);
  let at = sender;
  let packet = parcel;
  let address = packet.source;
  for (let hops = 0; ; hops++) {
    const stop = (end: Journey["end"], by = address) => ({
      end,
      at,
      address: by,
      source: packet.source,
      hops: Math.max(0, hops - 1),
      mtu: usualMtu,
      crossed,
      masked,
    });
    if (at.machine !== undefined && hops > 0 && !isAlive(world, at.machine)) return stop("dropped");
    const admitted = (chain: "input" | "forward") =>
      hops === 0 || isKnown(at, flow.crossed) || admits(at.system.firewall, chain, packet);
    if (owns(at, packet.destination))
      return stop(admitted("input") ? "arrived" : "prohibited", packet.destination);
    if (hops > 0 && !at.system.forwarding) return stop("dropped");
    if (!admitted("forward")) return stop("prohibited");
    if (hops === hopLimit) return stop("expired");
    const hop = hopTo(at, packet.destination);
    if (hop === undefined) return stop("no-route");
    const mtu = at.system.mtus[hop.nic] ?? usualMtu;
    if (packet.size > mtu && !packet.divisible) return { ...stop("too-big"), mtu };
    if (!passes(at, packet, { nic: hop.nic, direction: "out" })) return stop("dropped");
    const next = onward(
      world,
      { from: at, hop, packet },
      {
        ...{ outsider: flow.start, masked, before: flow.masked },
      },
    );
    if (next === undefined)
      return isRouted(world, at, hop)
        ? stop("dropped")
        : stop("unreachable", hops === 0 ? hop.source : address);
    if (!passes(next.host, next.packet, { nic: next.nic, direction: "in" })) return stop("dropped");
    ({ host: at, packet } = next);
    address = hop.via;
  }
}

/** Whether a host has seen the flow that a packet replies to. */
function isKnown({ nics }: Host, crossed: ReadonlySet<Nic>): boolean {
  return nics.some((nic) => crossed.has(nic));
}

/** Whether an interface leads into a cloud or the internet, which lose in silence what they do not carry. */
function isRouted(world: World, { nics }: Host, { nic }: Hop): boolean {
  const segment = nics[nic]?.segment ?? "";
  return segment === internet || world.subnets.has(segment);
}

/** Who gets the packet next, and how it looks then. */
function onward(
  world: World,
  { from, hop, packet }: { readonly from: Host; readonly hop: Hop; readonly packet: Parcel },
  flow: Flow,
): { host: Host; nic: number; packet: Parcel } | undefined {
  if (isRouted(world, from, hop)) return carry(world, { from, ...hop, packet }, flow);
  const next = neighbour(world, from.nics[hop.nic]?.segment, hop.via, flow.outsider);
  return next && { ...next, packet };
}

/** Whether an interface lets the packet pass: by its filter, or as a reply to what has crossed it before. */
function gatekeeper(before: ReadonlySet<Nic>, crossed: Set<Nic>) {
  return (host: Host, packet: Parcel, at: { nic: number; direction: "in" | "out" }): boolean => {
    const { nic: index, direction } = at;
    const nic = host.nics[index];
    if (nic === undefined) return false;
    crossed.add(nic);
    const largest = packet.divisible
      ? Math.min(packet.size, host.system.mtus[index] ?? usualMtu)
      : packet.size;
    if (nic.mtu !== undefined && largest > nic.mtu) return false;
    return before.has(nic) || permits(nic.filter, direction, packet);
  };
}

/** Who answers for an address on a segment, and with which interface. */
function neighbour(
  world: World,
  segment: string | undefined,
  address: string,
  outsider: Host,
): { host: Host; nic: number } | undefined {
  if (segment === undefined) return undefined;
  const nicOf = ({ nics, system }: Pick<Host, "nics" | "system">) =>
    system.addresses.find((own) => isAt(own.address, address) && nics[own.nic]?.segment === segment)?.nic;
  // Of hundreds of machines one is looked for, for each packet: only that one is made a host.
  for (const machine of world.machines.values()) {
    const nic = nicOf(machine);
    if (nic !== undefined) return { host: hostOf(machine), nic };
  }
  const others = outsider.machine === undefined ? [outsider] : [];
  for (const host of [...Array.from(world.sites, routerOf), ...others]) {
    const nic = nicOf(host);
    if (nic !== undefined) return { host, nic };
  }
  return undefined;
}

function sameHost(a: Host, b: Host): boolean {
  return a === b || (a.machine !== undefined && a.machine === b.machine);
}
