// Whether a packet filter lets a new flow pass.
import { contains } from "./address.ts";
import type { Filter, FilterRule } from "./machine.ts";

/** A packet as a filter sees it; without a port where it is a reply that belongs to no flow known here. */
export type Packet = {
  readonly protocol: "icmp" | "tcp" | "udp";
  readonly port?: number | undefined;
  readonly source: string;
  readonly destination: string;
};

/** The first rule that matches decides, else the policy. Replies to known flows do not come here. */
export function permits(filter: Filter | undefined, direction: "in" | "out", packet: Packet): boolean {
  if (filter === undefined) return true;
  const rule = filter.rules.find(
    (candidate) => candidate.direction === direction && matches(candidate, packet),
  );
  const policy = direction === "in" ? filter.policyIn : filter.policyOut;
  return (rule?.action ?? policy) === "accept";
}

function matches({ direction, protocol, ports, remote }: FilterRule, packet: Packet): boolean {
  const far = direction === "in" ? packet.source : packet.destination;
  if (protocol !== "any" && protocol !== packet.protocol) return false;
  if (remote !== undefined && !contains(remote, far)) return false;
  if (ports === undefined) return true;
  return packet.port !== undefined && packet.port >= ports[0] && packet.port <= ports[1];
}
