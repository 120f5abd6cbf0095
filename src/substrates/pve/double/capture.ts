// Remembering one resource, by the engine's type and id, and putting exactly that back.
import { crc32 } from "node:zlib";
import { firewallOf } from "./firewall.ts";
import { machineId } from "./power.ts";
import { relower } from "./relower.ts";
import type { Cluster } from "./state.ts";
import { ownedVolumes } from "./storage.ts";

type Restore = () => void;

/** Throws for a type that it does not know. What does not exist is remembered as absent. */
export function capture(cluster: Cluster, type: string, id: string): Restore {
  const remember = Object.hasOwn(ways, type) ? ways[type] : undefined;
  if (remember === undefined) throw new Error(`proxmoxve: unknown resource type ${type}`);
  const restore = remember(cluster, id);
  return () => {
    restore();
    relower(cluster);
  };
}

const ways: Readonly<Record<string, (cluster: Cluster, id: string) => Restore>> = {
  "proxmoxve:network/linux/bridge:Bridge": captureBridge,
  "proxmoxve:index/poolLegacy:PoolLegacy": (cluster, id) => captureEntry(cluster.pools, id),
  "proxmoxve:index/vmLegacy:VmLegacy": (cluster, id) => captureVm(cluster, Number(id)),
  "proxmoxve:download/file:File": captureFile,
  "proxmoxve:firewall/optionsLegacy:OptionsLegacy": captureOptions,
  "proxmoxve:firewall/rulesLegacy:RulesLegacy": captureRules,
};

/** `<node>:<iface>`: what is in force, and what is staged where anything is. */
function captureBridge(cluster: Cluster, id: string): Restore {
  const [name = "", iface = ""] = id.split(":");
  const node = cluster.nodes.get(name);
  if (node === undefined) return () => {};
  const before = node.live.get(iface);
  return () => {
    for (const map of [node.live, ...(node.staged === undefined ? [] : [node.staged])])
      if (before === undefined) map.delete(iface);
      else map.set(iface, before);
  };
}

/** A VM with its disks and what is on them, its firewall, and the machine if it ran. */
function captureVm(cluster: Cluster, vmid: number): Restore {
  const { machines } = cluster.world;
  const before = cluster.vms.get(vmid);
  const vm = before === undefined ? undefined : structuredClone(before);
  const volumes = structuredClone(ownedVolumes(cluster, vmid));
  const machine = structuredClone(machines.get(machineId(vmid)));
  const restoreFirewall = captureEntry(cluster.firewalls, vmid);
  const pools = [...cluster.pools.values()].filter(({ vms }) => vms.has(vmid));
  return () => {
    for (const pool of cluster.pools.values()) pool.vms[pools.includes(pool) ? "add" : "delete"](vmid);
    for (const [key] of ownedVolumes(cluster, vmid)) cluster.volumes.delete(key);
    for (const [key, volume] of volumes) cluster.volumes.set(key, volume);
    put(cluster.vms, vmid, vm);
    put(machines, machineId(vmid), machine);
    restoreFirewall();
  };
}

/** A file's id says its storage, not its node. */
function captureFile(cluster: Cluster, volid: string): Restore {
  const keys = [...cluster.nodes.keys()].map((node) => `${node}/${volid}`);
  const entries = keys.map((key) => captureEntry(cluster.volumes, key));
  return () => {
    for (const restore of entries) restore();
  };
}

/** The provider hashes the API path into the id, so it is found by trying all VMs. */
function captureOptions(cluster: Cluster, id: string): Restore {
  const vmid = ownerOf(cluster, (path) => `options-${crc32(`${path}/options`)}` === id);
  if (vmid === undefined) return () => {};
  const options = new Map(firewallOf(cluster, vmid).options);
  return () => put(cluster.firewalls, vmid, { ...firewallOf(cluster, vmid), options });
}

function captureRules(cluster: Cluster, id: string): Restore {
  const vmid = ownerOf(cluster, (path) => `rule-${crc32(`${path}/rules`)}` === id);
  if (vmid === undefined) return () => {};
  const rules = [...firewallOf(cluster, vmid).rules];
  return () => put(cluster.firewalls, vmid, { ...firewallOf(cluster, vmid), rules });
}

function ownerOf(cluster: Cluster, hasId: (path: string) => boolean): number | undefined {
  return [...cluster.vms.values()].find(({ node, id }) => hasId(`nodes/${node}/qemu/${id}/firewall`))?.id;
}

function captureEntry<K, V>(map: Map<K, V>, key: K): Restore {
  const before = structuredClone(map.get(key));
  return () => put(map, key, before);
}

function put<K, V>(map: Map<K, V>, key: K, value: V | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}
