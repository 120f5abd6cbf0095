import { nodeOf } from "./cluster.ts";
import { broken } from "./refusal.ts";
import type { Cluster, Volume } from "./state.ts";
import { seconds } from "./tasks.ts";

type Storage = {
  readonly type: string;
  readonly content: string;
  readonly total: number;
  readonly used: number;
};

const GiB = 1024 ** 3;

const storages: Readonly<Record<string, Storage>> = {
  local: { type: "dir", content: "iso,vztmpl,import,snippets,backup", total: 60 * GiB, used: 10 * GiB },
  "local-lvm": { type: "lvmthin", content: "images,rootdir", total: 500 * GiB, used: 100 * GiB },
};

/** GET /nodes/{node}/storage */
export function listStorages(
  cluster: Cluster,
  node: string,
): ({ storage: string } & Record<string, unknown>)[] {
  return Object.keys(storages).map((storage) => {
    const status = storageStatus(cluster, { node, storage });
    return { storage, ...status, used_fraction: status.used / status.total };
  });
}

/** GET /nodes/{node}/storage/{storage}/status */
export function storageStatus(cluster: Cluster, place: Place) {
  const { type, content, total, used: foreign } = storageOf(cluster, place);
  const used = volumesIn(cluster, place).reduce((sum, volume) => sum + volume.size, foreign);
  return { type, content, shared: 0, active: 1, enabled: 1, total, used, avail: total - used };
}

/** Where volumes are. */
export type Place = { readonly node: string; readonly storage: string };

/** GET /nodes/{node}/storage/{storage}/content */
export function listVolumes(
  cluster: Cluster,
  place: Place & { content?: string | undefined; vmid?: number | undefined },
) {
  storageOf(cluster, place);
  return volumesIn(cluster, place)
    .filter(({ content }) => place.content === undefined || content === place.content)
    .filter(({ vmid }) => place.vmid === undefined || vmid === place.vmid)
    .map(({ volid, content, format, size, ctime, vmid }) => ({
      ...{ volid, content, format, size, ctime },
      ...(vmid !== undefined && { vmid }),
    }));
}

/** GET /nodes/{node}/storage/{storage}/content/{volume} */
export function readVolume(cluster: Cluster, node: string, volid: string) {
  const volume = volumeOf(cluster, node, volid);
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

function storageOf(cluster: Cluster, { node, storage }: Place): Storage {
  nodeOf(cluster, node);
  const found = Object.hasOwn(storages, storage) ? storages[storage] : undefined;
  if (found === undefined) throw broken(`storage '${storage}' does not exist`);
  return found;
}
