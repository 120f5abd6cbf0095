// Node networks: changes are staged beside what is in force, and only a reload brings them into force.
import { changes } from "./changes.ts";
import { broken, invalid } from "./refusal.ts";
import type { Cluster, Interface, Node } from "./state.ts";

/** The parts of an interface that a request can set. */
export type InterfaceChange = Omit<Partial<Interface>, "iface" | "type">;

/** GET /nodes/{node}/network: what is staged, where something is, else what is in force. */
export function listInterfaces(node: Node, type?: string): Record<string, unknown>[] {
  const rows = [...planned(node).values()].map((one, index) => wireForm(one, { node, priority: index + 3 }));
  return rows.filter((row) => type === undefined || row.type === type);
}

/** GET /nodes/{node}/network/{iface} */
export function readInterface(node: Node, iface: string): Record<string, unknown> {
  const { iface: _named, ...rest } = wireForm(existing(node, iface), { node, priority: 3 });
  return rest;
}

/** The top-level `changes` beside `data`: a unified diff while anything is staged (pve-manager, HTTPServer.pm). */
export function stagedChanges(node: Node): { changes?: string } {
  const text = node.staged === undefined ? "" : changes(node.live.values(), node.staged.values());
  return text === "" ? {} : { changes: text };
}

/** POST /nodes/{node}/network */
export function addInterface(node: Node, iface: string, change: InterfaceChange): void {
  if (planned(node).has(iface)) throw invalid({ iface: "interface already exists" });
  stage(node, { iface, type: "bridge", ...change });
}

/** PUT /nodes/{node}/network/{iface} */
export function changeInterface(node: Node, iface: string, change: InterfaceChange): void {
  stage(node, { ...existing(node, iface), ...change });
}

/** DELETE /nodes/{node}/network/{iface} */
export function removeInterface(node: Node, iface: string): void {
  existing(node, iface);
  const staged = new Map(planned(node));
  staged.delete(iface);
  node.staged = staged;
}

/** PUT /nodes/{node}/network, the work of its task. */
export function reload(node: Node): void {
  node.kernel.clear();
  if (node.staged === undefined) return;
  node.live = node.staged;
  delete node.staged;
}

/** DELETE /nodes/{node}/network: what is staged is forgotten. */
export function revert(node: Node): void {
  delete node.staged;
}

/** Whether a VLAN passes an interface: VLAN ids and ranges, separated by blanks. */
export function passes(bridge: Interface, vlan: number): boolean {
  const ranges = (bridge.vids ?? "2-4094").split(/[\s,;]+/).map((range) => range.split("-").map(Number));
  return ranges.some(([first = 0, last = first]) => first <= vlan && vlan <= last);
}

/** The bridge that is in force under that name, as the node's kernel has it. */
export function liveBridge(cluster: Cluster, node: string, iface: string): Interface | undefined {
  const { live, kernel } = cluster.nodes.get(node) ?? {};
  const found = live?.get(iface);
  return found?.type === "bridge" ? { ...found, ...kernel?.get(iface) } : undefined;
}

function planned(node: Node): ReadonlyMap<string, Interface> {
  return node.staged ?? node.live;
}

function existing(node: Node, iface: string): Interface {
  const found = planned(node).get(iface);
  if (found === undefined) throw invalid({ iface: "interface does not exist" });
  return found;
}

function stage(node: Node, wanted: Interface): void {
  const staged = new Map(planned(node));
  staged.set(wanted.iface, wanted);
  for (const other of staged.values()) {
    const shared = other.ports?.find((port) => other !== wanted && wanted.ports?.includes(port));
    if (shared !== undefined) throw broken(`port '${shared}' is already used on interface '${other.iface}'`);
  }
  node.staged = staged;
}

function wireForm(
  one: Interface,
  { node, priority }: { node: Node; priority: number },
): Record<string, unknown> {
  const [address, netmask] = one.cidr?.split("/") ?? [];
  const fields = {
    iface: one.iface,
    type: one.type,
    method: one.cidr === undefined ? "manual" : "static",
    method6: "manual",
    families: ["inet"],
    priority,
    autostart: one.autostart === 1 ? 1 : undefined,
    active: node.live.has(one.iface) ? 1 : undefined,
    exists: node.live.has(one.iface) ? 1 : undefined,
    ...(one.type === "bridge" && bridgeForm(one)),
    ...(address !== undefined && { cidr: one.cidr, address, netmask, gateway: one.gateway }),
    mtu: one.mtu,
    comments: one.comments === undefined ? undefined : `${one.comments}\n`,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function bridgeForm(bridge: Interface): Record<string, unknown> {
  return {
    bridge_ports: bridge.ports?.join(" ") ?? "",
    bridge_stp: "off",
    bridge_fd: "0",
    ...(bridge.vlanAware === 1 && { bridge_vlan_aware: 1, bridge_vids: bridge.vids ?? "2-4094" }),
  };
}
