// A bridge as its node's kernel has it: what is asked, and what the answers say.
import { z } from "zod";
import { Unreadable } from "../../check/unreadable.ts";
import type { Probe, Reading } from "../../probes/transport.ts";
import type { Bridge } from "./topology.ts";

/** A bridge in a running kernel, held to its declaration. */
export type LiveBridge = {
  readonly filtering: boolean;
  readonly up: boolean;
  readonly mtu: number;
  readonly missingPorts: number;
  readonly vlansAsDeclared: boolean;
};

/** All that is read of one bridge; `vlans` is the same for all bridges of a node. */
export function bridgeProbes(iface: string) {
  const probe = (what: string, ...argv: [string, ...string[]]): Probe => ({ id: what, argv, timeout: 10 });
  return {
    filtering: probe(`filtering-${iface}`, "cat", `/sys/class/net/${iface}/bridge/vlan_filtering`),
    link: probe(`link-${iface}`, "ip", "-d", "-j", "link", "show", iface),
    ports: probe(`ports-${iface}`, "ip", "-j", "link", "show", "master", iface),
    vlans: probe("vlans", "bridge", "-j", "vlan", "show"),
  };
}

/** None where the node has no such bridge. Throws `Unreadable`. */
export async function readBridge(
  bridge: Bridge,
  read: (probe: Probe) => Promise<Reading>,
): Promise<LiveBridge | undefined> {
  const probes = bridgeProbes(bridge.iface);
  const filtering = await read(probes.filtering);
  const shown = await read(probes.link);
  // cat(1) and ip(8) both end with 1 where there is no such thing.
  if (filtering.exit === 1 && shown.exit === 1) return undefined;
  const [link] = parse(links, shown);
  const ports = parse(links, await read(probes.ports)).map(({ ifname }) => ifname);
  const vlans = parse(vlanTable, await read(probes.vlans));
  const switched = filtering.stdout.trim();
  if (filtering.exit !== 0 || link === undefined || !["0", "1"].includes(switched))
    throw new Unreadable("unparsable", "vlan_filtering");
  return {
    filtering: switched === "1" && link.linkinfo?.info_data?.vlan_filtering !== 0,
    up: link.flags.includes("UP") && link.operstate !== "DOWN",
    mtu: link.mtu,
    missingPorts: bridge.ports.filter((port) => !ports.includes(port)).length,
    vlansAsDeclared: bridge.ports.every((port) => passed(vlans, port) === declared(bridge.vids)),
  };
}

/** `ip -d -j link show` (iproute2) */
const links = z.array(
  z.object({
    ifname: z.string(),
    flags: z.array(z.string()),
    mtu: z.number(),
    operstate: z.string(),
    linkinfo: z
      .object({ info_data: z.object({ vlan_filtering: z.number().optional() }).optional() })
      .optional(),
  }),
);

/** `bridge -j vlan show` (iproute2): ranges have an end. */
const vlanTable = z.array(
  z.object({
    ifname: z.string(),
    vlans: z.array(z.object({ vlan: z.number(), vlanEnd: z.number().optional() })),
  }),
);

function parse<M extends z.ZodType>(model: M, { exit, stdout }: Reading): z.infer<M> {
  if (exit !== 0) throw new Unreadable("unparsable", "ip or bridge");
  try {
    return model.parse(JSON.parse(stdout));
  } catch (cause) {
    throw new Unreadable("unparsable", "ip or bridge", { cause });
  }
}

/** VLAN 1 is what untagged frames are put into on every port. */
const untagged = 1;

function passed(table: z.infer<typeof vlanTable>, port: string): string {
  const rows = table.filter(({ ifname }) => ifname === port).flatMap(({ vlans }) => vlans);
  return spread(rows.map(({ vlan, vlanEnd = vlan }) => [vlan, vlanEnd]));
}

function declared(vids: string): string {
  return spread(
    vids.split(" ").map((range) => {
      const [first = 0, last = first] = range.split("-").map(Number);
      return [first, last] as const;
    }),
  );
}

/** All VLAN ids in some ranges, in order, as text to compare. */
function spread(ranges: readonly (readonly [number, number])[]): string {
  const all = ranges.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, at) => first + at),
  );
  return [...new Set(all)]
    .filter((vlan) => vlan !== untagged)
    .sort((a, b) => a - b)
    .join(",");
}
