// A node's own shell, for a login that only reads: what its kernel knows of the network in force.

import { generateHostKey } from "../../../world/hostkey.ts";
import type { Shell } from "../../double.ts";
import { liveBridge } from "./network.ts";
import { nicsOf } from "./nics.ts";
import type { Cluster, Interface, Node } from "./state.ts";

/** The login that nodes let in. */
export const inspector = "inspector";

type Answer = { readonly exit: number; readonly stdout: string; readonly stderr: string };

/** The SSH servers of all nodes, each with a host key of its own. Fault: `pve/<node>/silent`. */
export function nodeShells(cluster: Cluster): readonly (Shell & { readonly name: string })[] {
  return [...cluster.nodes.values()].map((node) => ({
    name: node.name,
    host: node.address,
    port: 22,
    user: inspector,
    hostKey: generateHostKey(),
    isAlive: () => !cluster.world.isBroken(`pve/${node.name}/silent`),
    run: (argv) => run(cluster, node, argv),
  }));
}

function run(cluster: Cluster, node: Node, argv: readonly string[]): Answer {
  const line = argv.join(" ");
  const [, file] = /^cat \/sys\/class\/net\/([^/ ]+)\/bridge\/vlan_filtering$/.exec(line) ?? [];
  if (file !== undefined) return filtering(cluster, node, file);
  const [, master] = /^ip -j link show master (\S+)$/.exec(line) ?? [];
  if (master !== undefined) return ports(cluster, node, master);
  const [, iface] = /^ip -d -j link show (\S+)$/.exec(line) ?? [];
  if (iface !== undefined) return link(cluster, node, iface);
  if (line === "bridge -j vlan show") return json(vlans(cluster, node));
  return fails(127, `sh: 1: ${argv[0] ?? ""}: not found\n`);
}

function filtering(cluster: Cluster, node: Node, iface: string): Answer {
  const bridge = liveBridge(cluster, node.name, iface);
  if (bridge !== undefined) return prints(`${bridge.vlanAware ?? 0}\n`);
  return fails(1, `cat: /sys/class/net/${iface}/bridge/vlan_filtering: No such file or directory\n`);
}

function link(cluster: Cluster, node: Node, iface: string): Answer {
  const found = node.live.get(iface);
  if (found === undefined) return fails(1, `Device "${iface}" does not exist.\n`);
  const bridge = liveBridge(cluster, node.name, iface);
  const data = bridge && { info_kind: "bridge", info_data: { vlan_filtering: bridge.vlanAware ?? 0 } };
  return json([{ ...linkForm(found), ...(data && { linkinfo: data }) }]);
}

function ports(cluster: Cluster, node: Node, iface: string): Answer {
  const bridge = liveBridge(cluster, node.name, iface);
  if (bridge === undefined) return fails(255, `Error: argument "${iface}" is wrong: Device does not exist\n`);
  return json([...cabled(bridge), ...taps(cluster, node, iface)].map((name) => linkForm({ iface: name })));
}

/** The VLANs of every port of a bridge that filters; without a filter every port has the default one only. */
function vlans(cluster: Cluster, node: Node): unknown[] {
  const untagged = { vlan: 1, flags: ["PVID", "Egress Untagged"] };
  const bridges = [...node.live.keys()].flatMap((name) => liveBridge(cluster, node.name, name) ?? []);
  return bridges.flatMap((bridge) =>
    [...cabled(bridge), bridge.iface].map((ifname) => ({
      ifname,
      vlans: [untagged, ...(bridge.vlanAware === 1 ? rangesOf(bridge) : [])],
    })),
  );
}

function rangesOf({ vids = "2-4094" }: Interface): unknown[] {
  return vids.split(/[\s,;]+/).map((range) => {
    const [vlan = 0, vlanEnd] = range.split("-").map(Number);
    return { vlan, ...(vlanEnd !== undefined && { vlanEnd }) };
  });
}

function cabled(bridge: Interface): readonly string[] {
  return bridge.ports ?? [];
}

/** What running VMs are plugged in with (qemu-server, QemuServer.pm: print_netdev_full). */
function taps(cluster: Cluster, node: Node, iface: string): string[] {
  const running = [...cluster.vms.values()].filter(
    (vm) => vm.node === node.name && vm.startedAt !== undefined,
  );
  return running.flatMap(({ id, config }) =>
    nicsOf(config).flatMap(({ index, bridge }) => (bridge === iface ? [`tap${id}i${index}`] : [])),
  );
}

function linkForm({ iface, mtu }: Pick<Interface, "iface" | "mtu">): Record<string, unknown> {
  return {
    ...{ ifname: iface, flags: ["BROADCAST", "MULTICAST", "UP", "LOWER_UP"], mtu: Number(mtu ?? 1500) },
    ...{ qdisc: "noqueue", operstate: "UP", linkmode: "DEFAULT", group: "default", link_type: "ether" },
  };
}

function json(value: unknown): Answer {
  return prints(`${JSON.stringify(value)}\n`);
}

function prints(stdout: string): Answer {
  return { exit: 0, stdout, stderr: "" };
}

function fails(exit: number, stderr: string): Answer {
  return { exit, stdout: "", stderr };
}
