import { nodeOf } from "./cluster.ts";
import { demand, may, type Need } from "./needs.ts";
import { broken } from "./refusal.ts";
import type { Cluster, Storage, Volume } from "./state.ts";
import { seconds } from "./tasks.ts";
import type { Caller } from "./tokens.ts";

/** GET /nodes/{node}/storage */
export function listStorages(
  cluster: Cluster,
  node: string,
): ({ storage: string } & Record<string, unknown>)[] {
  return [...cluster.storages.keys()].map((storage) => {
    const status = storageStatus(cluster, { node, storage });
    return { storage, ...status, used_fraction: status.used / (status.total || 1) };
  });
}

/** GET /nodes/{node}/storage/{storage}/status */
export function storageStatus(cluster: Cluster, place: Place) {
  const { type, content, disabled, total, used: foreign } = storageOf(cluster, place);
  const known = { type, content, shared: 0, enabled: disabled ? 0 : 1 };
  if (!isActive(cluster, place.storage)) return { ...known, active: 0, total: 0, used: 0, avail: 0 };
  const used = volumesIn(cluster, place).reduce((sum, volume) => sum + volume.size, foreign);
  return { ...known, active: 1, total, used, avail: total - used };
}

/** PUT /storage/{storage}: for the whole datacenter. */
export function changeStorage(
  cluster: Cluster,
  name: string,
  { content, disable }: { readonly content?: string | undefined; readonly disable?: boolean | undefined },
): void {
  const storage = cluster.storages.get(name);
  if (storage === undefined) throw broken(`storage '${name}' does not exist`);
  storage.content = content ?? storage.content;
  storage.disabled = disable ?? storage.disabled;
}

/** Where volumes are. */
export type Place = { readonly node: string; readonly storage: string };

/** GET /nodes/{node}/storage/{storage}/content */
export function listVolumes(
  caller: Caller,
  place: Place & { content?: string | undefined; vmid?: number | undefined },
) {
  const { cluster } = caller;
  activate(cluster, place);
  return volumesIn(cluster, place)
    .filter((volume) => may(caller, seeing(volume, place.vmid)))
    .filter(({ content }) => place.content === undefined || content === place.content)
    .filter(({ vmid }) => place.vmid === undefined || vmid === place.vmid)
    .map(({ volid, content, format, size, ctime, vmid }) => ({
      ...{ volid, content, format, size, ctime },
      ...(vmid !== undefined && { vmid }),
    }));
}

/** GET /nodes/{node}/storage/{storage}/content/{volume} */
export function readVolume(caller: Caller, { node, volid }: { node: string; volid: string }) {
  const { cluster } = caller;
  const [storage = ""] = volid.split(":");
  activate(cluster, { node, storage });
  const volume = volumeOf(cluster, node, volid);
  demand(caller, seeing(volume));
  return { path: pathOf(volid), format: volume.format, size: volume.size, used: volume.size };
}

/** Where a volume is on its node. */
export function pathOf(volid: string): string {
  const [storage, name] = volid.split(":");
  return storage === "local" ? `/var/lib/vz/${name}` : `/dev/pve/${name}`;
}

/** The volume of that id on that node. Throws. */
export function volumeOf(cluster: Cluster, node: string, volid: string): Volume {
  const volume = cluster.volumes.get(`${node}/${volid}`);
  if (volume === undefined) throw broken(`volume '${volid}' does not exist`);
  return volume;
}

/** Puts a new volume on a node. Throws where there is no room. */
export function allocate(cluster: Cluster, node: string, wanted: Omit<Volume, "ctime" | "format">): Volume {
  const [storage = "", name = ""] = wanted.volid.split(":");
  activate(cluster, { node, storage });
  if (!storageOf(cluster, { node, storage }).content.split(",").includes(wanted.content))
    throw broken(`storage '${storage}' does not support content-type '${wanted.content}'`);
  if (wanted.size > storageStatus(cluster, { node, storage }).avail)
    throw broken(`lvcreate 'pve/${name}' error:   Insufficient free space`);
  const format = /\.(qcow2|iso)$/.exec(name)?.[1] ?? "raw";
  const volume = { ...wanted, format, ctime: seconds(cluster.world.now()) };
  cluster.volumes.set(`${node}/${volume.volid}`, volume);
  return volume;
}

/** The first free name of a disk of a VM: `vm-101-disk-0`. */
export function freeName(
  cluster: Cluster,
  node: string,
  { storage, vmid }: { storage: string; vmid: number },
): string {
  for (let number = 0; ; number += 1) {
    const volid = `${storage}:vm-${vmid}-disk-${number}`;
    if (!cluster.volumes.has(`${node}/${volid}`)) return volid;
  }
}

/** DELETE …/content/{volume}, and what becomes of a VM's disks when it goes. */
export function freeVolume(cluster: Cluster, node: string, volid: string): void {
  cluster.volumes.delete(`${node}/${volid}`);
}

/** The volumes that a VM owns, with the key of each. */
export function ownedVolumes(cluster: Cluster, vmid: number): [string, Volume][] {
  return [...cluster.volumes].filter(([, volume]) => volume.vmid === vmid);
}

function volumesIn(cluster: Cluster, { node, storage }: Place): Volume[] {
  return [...cluster.volumes].flatMap(([key, volume]) =>
    key.startsWith(`${node}/${storage}:`) ? [volume] : [],
  );
}

/**
 * What seeing a volume takes: of a VM's disk, that one may configure that VM's disks, unless it is that VM's own that were
 * asked for (pve-storage, PVE::Storage, check_volume_access).
 */
export function seeing({ volid, vmid }: Volume, asked?: number): Need {
  const on = `/storage/${volid.split(":")[0]}`;
  const own = vmid === undefined || vmid === asked;
  if (own) return { on, any: ["Datastore.AllocateSpace", "Datastore.Audit", "Datastore.Allocate"] };
  const both = [
    { on, all: ["Datastore.Audit"] },
    { on: `/vms/${vmid}`, all: ["VM.Config.Disk"] },
  ] as const;
  return { either: [{ on, all: ["Datastore.Allocate"] }, { every: both }] };
}

function isActive(cluster: Cluster, storage: string): boolean {
  const disabled = cluster.storages.get(storage)?.disabled ?? true;
  return !disabled && !cluster.world.isBroken(`pve/${storage}/inactive`);
}

/** What reading a storage does first. Throws what PVE says of one that is switched off or can not be reached. */
function activate(cluster: Cluster, place: Place): void {
  const { disabled } = storageOf(cluster, place);
  if (disabled) throw broken(`storage '${place.storage}' is disabled`);
  if (!isActive(cluster, place.storage)) throw broken(`storage '${place.storage}' is not online`);
}

function storageOf(cluster: Cluster, { node, storage }: Place): Storage {
  nodeOf(cluster, node);
  const found = cluster.storages.get(storage);
  if (found === undefined) throw broken(`storage '${storage}' does not exist`);
  return found;
}
