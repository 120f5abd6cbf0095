// The cluster's state: nodes, storages, VMs, firewall objects and tasks, as they were before anybody came.
import type { World } from "../../../world/world.ts";
import { broken } from "./refusal.ts";
import type { Cluster, Interface, Node, Setting, Storage, Vm, WebFile } from "./state.ts";

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
    storages: new Map(Object.entries(storages())),
    pools: new Map([["prod", { comment: "someone else", vms: new Set() }]]),
    tasks: new Map(),
    tokens: new Map(),
    web: new Map([
      ["https://images.example.test/noble-server-cloudimg-amd64.img", cloudImage],
      ["https://images.example.test/noble-server-cloudimg-amd64-minimal.img", minimalImage],
    ]),
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
  const live = new Map(interfaces.map((one) => [one.iface, one]));
  return { name, address, certificate, live, firewall: new Map(), kernel: new Map() };
}

const GiB = 1024 ** 3;

function storages(): Readonly<Record<string, Storage>> {
  const content = "iso,vztmpl,import,snippets,backup";
  return {
    local: { type: "dir", content, disabled: false, total: 60 * GiB, used: 10 * GiB },
    "local-lvm": {
      ...{ type: "lvmthin", content: "images,rootdir", disabled: false },
      ...{ total: 500 * GiB, used: 100 * GiB },
    },
  };
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

const minimalImage: WebFile = {
  size: 251_658_240,
  virtualSize: 3_758_096_384,
  sha256: "0a1b2c3d4e5f60718293a4b5c6d7e8f90123456789abcdef0123456789abcdef",
};
