// The cluster's state: nodes, storages, VMs, firewall objects and tasks, as they were before anybody came.
import type { World } from "../../../world/world.ts";
import type { Firewall } from "./firewall.ts";
import type { IpSet } from "./lists.ts";
import type { Interface } from "./network.ts";
import { broken } from "./refusal.ts";
import type { Volume } from "./storage.ts";
import type { Task } from "./tasks.ts";
import type { Token } from "./tokens.ts";

/** A value of a VM's config, in the JSON type that the API gives it. */
export type Setting = string | number;

/** A VM or template. */
export type Vm = {
  readonly id: number;
  node: string;
  /** What is in force. */
  config: Map<string, Setting>;
  /** What comes into force at the next cold start; none: the key goes. */
  pending: Map<string, Setting | undefined>;
  /** Shown, and holding off changes, until the world's clock passes it. */
  lock?: { readonly word: string; readonly until: number };
  /** When it was switched on, by the world's clock; none: it is off. */
  startedAt?: number;
};

/** A node: its management address, its interfaces, and its certificate as PEM. */
export type Node = {
  readonly name: string;
  readonly address: string;
  readonly certificate: string;
  /** What is in force, by name. */
  live: Map<string, Interface>;
  /** /etc/network/interfaces.new: what the next reload brings; none: nothing is staged. */
  staged?: Map<string, Interface>;
};

/** Something on the web that nodes can download. Sizes in bytes. */
export type WebFile = { readonly size: number; readonly virtualSize: number; readonly sha256: string };

/** All of it. */
export type Cluster = {
  readonly world: World;
  readonly nodes: ReadonlyMap<string, Node>;
  readonly vms: Map<number, Vm>;
  /** By `<node>/<volume id>`: every storage of the lab is local to its node. */
  readonly volumes: Map<string, Volume>;
  /** By VM number, whether there is such a VM or not, as PVE keeps them in files of their own. */
  readonly firewalls: Map<number, Firewall>;
  readonly aliases: Map<string, { readonly cidr: string; readonly comment?: string | undefined }>;
  readonly ipsets: Map<string, IpSet>;
  /** Datacenter-wide firewall options. */
  readonly datacenter: ReadonlyMap<string, Setting>;
  readonly pools: ReadonlyMap<string, { readonly comment: string }>;
  /** By UPID. */
  readonly tasks: Map<string, Task>;
  /** By `user@realm!name`. */
  readonly tokens: Map<string, Token>;
  /** By URL. */
  readonly web: Map<string, WebFile>;
};

/** A cluster of two nodes that other people use already. `certificates`: PEM by node name. */
export function newCluster(world: World, certificates: Readonly<Record<"pve1" | "pve2", string>>): Cluster {
  const pve1 = node("pve1", { address: "192.0.2.11", certificate: certificates.pve1 });
  const pve2 = node("pve2", { address: "192.0.2.12", certificate: certificates.pve2 });
  pve2.live.set("vmbr1", foreignBridge);
  return {
    world,
    nodes: new Map([pve1, pve2].map((node) => [node.name, node])),
    vms: new Map(),
    volumes: new Map(),
    firewalls: new Map(),
    aliases: new Map(),
    ipsets: new Map(),
    datacenter: new Map<string, Setting>([["enable", 1]]),
    pools: new Map([["prod", { comment: "someone else" }]]),
    tasks: new Map(),
    tokens: new Map(),
    web: new Map([["https://images.example.test/noble-server-cloudimg-amd64.img", cloudImage]]),
  };
}

/** The node of that name. Throws what PVE says when it can not find one to pass the request on to. */
export function nodeOf(cluster: Cluster, name: string): Node {
  const node = cluster.nodes.get(name);
  if (node !== undefined) return node;
  throw broken(
    `hostname lookup '${name}' failed - failed to get address info for: ${name}: Name or service not known`,
  );
}

/** The VM of that number on that node. Its absence has the text by which the provider knows that it is gone. */
export function vmOf(cluster: Cluster, where: { readonly node: string; readonly vmid: number }): Vm {
  const vm = cluster.vms.get(where.vmid);
  if (vm !== undefined && vm.node === nodeOf(cluster, where.node).name) return vm;
  throw broken(`Configuration file 'nodes/${where.node}/qemu-server/${where.vmid}.conf' does not exist`);
}

/** A VM that may be changed now. */
export function unlockedVm(cluster: Cluster, where: { readonly node: string; readonly vmid: number }): Vm {
  const vm = vmOf(cluster, where);
  const lock = lockOf(cluster, vm);
  if (lock !== undefined) throw broken(`VM is locked (${lock})`);
  return vm;
}

/** The word that holds off changes now. */
export function lockOf(cluster: Cluster, vm: Vm): string | undefined {
  return vm.lock !== undefined && cluster.world.now() < vm.lock.until ? vm.lock.word : undefined;
}

/** What the next cold start has: values in force with those that wait laid over them. */
export function effective(vm: Vm): Map<string, Setting> {
  const config = new Map(vm.config);
  for (const [key, value] of vm.pending) {
    if (value === undefined) config.delete(key);
    else config.set(key, value);
  }
  return config;
}

function node(name: string, { address, certificate }: { address: string; certificate: string }): Node {
  const interfaces: readonly Interface[] = [
    { iface: "eno1", type: "eth" },
    { iface: "eno2", type: "eth" },
    {
      iface: "vmbr0",
      type: "bridge",
      autostart: 1,
      ports: ["eno1"],
      cidr: `${address}/24`,
      gateway: "192.0.2.1",
    },
  ];
  return { name, address, certificate, live: new Map(interfaces.map((one) => [one.iface, one])) };
}

const foreignBridge: Interface = {
  iface: "vmbr1",
  type: "bridge",
  autostart: 1,
  ports: ["eno2"],
  vlanAware: 1,
  vids: "2-4094",
  mtu: "1500",
  comments: "lab uplink",
};

const cloudImage: WebFile = {
  size: 612_368_384,
  virtualSize: 3_758_096_384,
  sha256: "7a1e64ab7b6c1f6b1c0f2a1d3c9d4e5f60718293a4b5c6d7e8f9012345678901",
};
