// Making, copying, moving and deleting VMs; each but the checks in front is the work of a task.
import { randomUUID } from "node:crypto";
import { nodeOf } from "./cluster.ts";
import { configDrive, drivesOf, isConfigDrive, renameIn } from "./drives.ts";
import { isNic, withNewMac } from "./nics.ts";
import { broken } from "./refusal.ts";
import { changeSettings } from "./settings.ts";
import type { Cluster, Setting, Vm } from "./state.ts";
import { allocate, freeName, freeVolume, ownedVolumes, volumeOf } from "./storage.ts";
import { seconds, taskTime } from "./tasks.ts";

/** Throws where the number is taken. */
export function refuseTaken(cluster: Cluster, vmid: number): void {
  const taken = cluster.vms.get(vmid);
  if (taken !== undefined)
    throw broken(`unable to create VM ${vmid} - VM ${vmid} already exists on node '${taken.node}'`);
}

/** POST /nodes/{node}/qemu */
export function createVm(cluster: Cluster, place: VmPlace, settings: Readonly<Record<string, string>>): void {
  const vm = newVm(cluster, place, identity(cluster));
  orForget(cluster, vm, () => {
    changeSettings(cluster, vm, settings);
    if (vm.config.get("template") === 0) vm.config.delete("template");
  });
}

/** Where a VM is or comes to be. */
export type VmPlace = { readonly node: string; readonly vmid: number; readonly pool?: string | undefined };

/** POST …/clone: full clones only; everything of the config is taken over, nothing of the firewall. */
export function cloneVm(
  cluster: Cluster,
  source: Vm,
  wanted: { newid: number; pool?: string | undefined; name?: string; description?: string },
): void {
  const { newid, pool, ...named } = wanted;
  const copied = [...source.config].filter(([key]) => key !== "template");
  const vm = newVm(cluster, { node: source.node, vmid: newid, pool }, [
    ...copied,
    ...identity(cluster),
    ...Object.entries(named),
  ]);
  lock(cluster, vm, "clone");
  orForget(cluster, vm, () => {
    for (const [key, text] of source.config) if (isNic(key)) vm.config.set(key, withNewMac(String(text)));
    for (const [key, volid] of drivesOf(source.config)) {
      const text = String(source.config.get(key));
      vm.config.set(key, renameIn(text, copyVolume(cluster, { source, vm, volid, text })));
    }
  });
}

/** POST …/template: the disks become base images, and it is never switched on again. */
export function makeTemplate(cluster: Cluster, vm: Vm): void {
  if (vm.startedAt !== undefined) throw broken(`you can't convert a VM to template if VM is running`);
  for (const [key, volid] of drivesOf(vm.config)) {
    const text = String(vm.config.get(key));
    if (isConfigDrive(vm.id, text) || text.includes("media=cdrom")) continue;
    const volume = volumeOf(cluster, vm.node, volid);
    const base = volid.replace(/:vm-/, ":base-");
    freeVolume(cluster, vm.node, volid);
    cluster.volumes.set(`${vm.node}/${base}`, { ...volume, volid: base });
    vm.config.set(key, renameIn(text, base));
  }
  vm.config.set("template", 1);
}

/** POST …/migrate: it goes to another node with its disks. */
export function migrateVm(cluster: Cluster, vm: Vm, target: string): void {
  nodeOf(cluster, target);
  for (const [key, volume] of ownedVolumes(cluster, vm.id)) {
    cluster.volumes.delete(key);
    cluster.volumes.set(`${target}/${volume.volid}`, volume);
  }
  vm.node = target;
  lock(cluster, vm, "migrate");
}

/** DELETE …/qemu/{vmid}: its disks and its firewall go with it; `all` takes what its config does not name too. */
export function deleteVm(cluster: Cluster, vm: Vm, all: boolean): void {
  const named = new Set(drivesOf(vm.config).values());
  for (const [key, volume] of ownedVolumes(cluster, vm.id))
    if (all || named.has(volume.volid)) cluster.volumes.delete(key);
  forget(cluster, vm.id);
  cluster.firewalls.delete(vm.id);
}

/** Throws where a VM can not be deleted now. */
export function refuseDeletion(vm: Vm): void {
  if (vm.config.get("protection") === 1) throw broken(`can't remove VM ${vm.id} - protection mode enabled`);
  if (vm.startedAt !== undefined) throw broken(`VM ${vm.id} is running - destroy failed`);
}

function newVm(
  cluster: Cluster,
  { node, vmid, pool }: VmPlace,
  config: Iterable<readonly [string, Setting]>,
): Vm {
  const vm: Vm = {
    id: vmid,
    node: nodeOf(cluster, node).name,
    config: new Map(config),
    pending: new Map(),
  };
  cluster.vms.set(vmid, vm);
  if (pool !== undefined) cluster.pools.get(pool)?.vms.add(vmid);
  return vm;
}

/** Nobody keeps a right on a VM that is gone, nor does any pool keep its number (pve-access-control, remove_vm_access). */
function forget({ vms, pools, tokens }: Cluster, vmid: number): void {
  vms.delete(vmid);
  for (const pool of pools.values()) pool.vms.delete(vmid);
  for (const { acl } of tokens.values()) acl.delete(`/vms/${vmid}`);
}

function identity(cluster: Cluster): [string, Setting][] {
  return [
    ["smbios1", `uuid=${randomUUID()}`],
    ["vmgenid", randomUUID()],
    ["meta", `creation-qemu=10.0.2,ctime=${seconds(cluster.world.now())}`],
  ];
}

/** A VM that could not be made leaves nothing behind. */
function orForget(cluster: Cluster, vm: Vm, make: () => void): void {
  try {
    make();
  } catch (error) {
    for (const [key] of ownedVolumes(cluster, vm.id)) cluster.volumes.delete(key);
    forget(cluster, vm.id);
    throw error;
  }
}

function lock(cluster: Cluster, vm: Vm, word: string): void {
  vm.lock = { word, until: cluster.world.now() + taskTime };
}

/** A CD stays the same file, a config drive is made anew, a disk is copied with all that is on it. */
function copyVolume(
  cluster: Cluster,
  { source, vm, volid, text }: { source: Vm; vm: Vm; volid: string; text: string },
): string {
  const [storage = ""] = volid.split(":");
  if (isConfigDrive(source.id, text)) return configDrive(cluster, vm, storage);
  if (text.includes("media=cdrom")) return volid;
  const {
    ctime: _ctime,
    format: _format,
    ...content
  } = structuredClone(volumeOf(cluster, source.node, volid));
  return allocate(cluster, vm.node, {
    ...content,
    volid: freeName(cluster, vm.node, { storage, vmid: vm.id }),
    vmid: vm.id,
  }).volid;
}
