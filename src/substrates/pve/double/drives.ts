// A VM's drives: the strings in its config, and the volumes that stand behind them.
import { parseOptions, printOptions, printSize } from "./options.ts";
import { broken, invalid } from "./refusal.ts";
import type { Cluster, Setting, Vm, Volume } from "./state.ts";
import { allocate, freeName, freeVolume, volumeOf } from "./storage.ts";

/** Config drives are this large (qemu-server, Cloudinit.pm). */
const mediaSize = 4 * 1024 ** 2;

/** Whether a key of a VM's config is a drive. */
export function isDrive(key: string): boolean {
  return /^(ide[0-3]|sata[0-5]|scsi([0-9]|[12][0-9]|30)|virtio([0-9]|1[0-5])|unused\d+)$/.test(key);
}

/** Makes what a request asks for (a new volume, an imported one, a config drive) and gives the string to keep. */
export function realise(cluster: Cluster, vm: Vm, { key, text }: { key: string; text: string }): string {
  const options = parseOptions(text, "file");
  const file = options.get("file") ?? "";
  if (file === "none" || file === "cdrom") return printOptions(options.set("media", "cdrom"), "file");
  const [storage = "", name = ""] = file.split(":");
  if (name === "cloudinit")
    return printOptions(options.set("file", configDrive(cluster, vm, storage)).set("media", "cdrom"), "file");
  const volume = /^\d+$/.test(name)
    ? newDisk(cluster, vm, { key, storage, options })
    : volumeOf(cluster, vm.node, file);
  options.delete("import-from");
  options.set("file", volume.volid);
  if (options.get("media") !== "cdrom") options.set("size", printSize(volume.size));
  return printOptions(options, "file");
}

/** Frees what a drive that leaves the config leaves behind: a config drive goes, a disk is first kept as `unusedN`. */
export function detach(cluster: Cluster, vm: Vm, { key, text }: { key: string; text: string }): void {
  const volid = volumeIdOf(text);
  const volume = volid === undefined ? undefined : cluster.volumes.get(`${vm.node}/${volid}`);
  if (volume === undefined || volume.vmid !== vm.id) return;
  if (isConfigDrive(vm.id, text) || key.startsWith("unused")) freeVolume(cluster, vm.node, volume.volid);
  else vm.config.set(`unused${unusedOf(vm)}`, volume.volid);
}

/** The volumes behind a config, by drive. */
export function drivesOf(config: ReadonlyMap<string, Setting>): Map<string, string> {
  return new Map(
    [...config].flatMap(([key, text]) => {
      const volid = isDrive(key) ? volumeIdOf(String(text)) : undefined;
      return volid === undefined ? [] : [[key, volid] as const];
    }),
  );
}

/** The disk that a VM boots from: the first in its boot order that is a volume and no CD. */
export function bootDisk(cluster: Cluster, vm: Vm): Volume | undefined {
  const order =
    parseOptions(String(vm.config.get("boot") ?? ""), "legacy")
      .get("order")
      ?.split(";") ?? [];
  const disks = order.flatMap((key) => {
    const text = String(vm.config.get(key) ?? "");
    const volid = text.includes("media=cdrom") ? undefined : volumeIdOf(text);
    return volid === undefined ? [] : [cluster.volumes.get(`${vm.node}/${volid}`)];
  });
  return disks.find((volume) => volume !== undefined);
}

/** The config drive of a VM, if it has one. PVE only ever writes those with this name (qemu-server, Cloudinit.pm). */
export function mediaOf(cluster: Cluster, vm: Vm): Volume | undefined {
  const drive = [...vm.config].find(([key, text]) => isDrive(key) && isConfigDrive(vm.id, String(text)));
  const volid = drive === undefined ? undefined : volumeIdOf(String(drive[1]));
  return volid === undefined ? undefined : cluster.volumes.get(`${vm.node}/${volid}`);
}

/** Whether a drive is the config drive of a VM. */
export function isConfigDrive(vmid: number, text: string): boolean {
  return text.includes(`:vm-${vmid}-cloudinit`) && text.includes("media=cdrom");
}

/** Puts a config drive on a storage, or takes the one that is there. */
export function configDrive(cluster: Cluster, vm: Vm, storage: string): string {
  const volid = `${storage}:vm-${vm.id}-cloudinit`;
  if (!cluster.volumes.has(`${vm.node}/${volid}`))
    allocate(cluster, vm.node, { volid, content: "images", size: mediaSize, vmid: vm.id });
  return volid;
}

/** The first free number of an unused disk. */
function unusedOf(vm: Vm): number {
  for (let number = 0; ; number += 1) if (!vm.config.has(`unused${number}`)) return number;
}

function newDisk(
  cluster: Cluster,
  vm: Vm,
  { key, storage, options }: { key: string; storage: string; options: ReadonlyMap<string, string> },
): Volume {
  const from = options.get("import-from");
  const source = from === undefined ? undefined : volumeOf(cluster, vm.node, from);
  const gibibytes = Number(options.get("file")?.split(":")[1]);
  if (source === undefined && gibibytes === 0) throw invalid({ [key]: "a size is needed, or import-from" });
  const volid = freeName(cluster, vm.node, { storage, vmid: vm.id });
  const size = source === undefined ? gibibytes * 1024 ** 3 : (source.virtualSize ?? source.size);
  return allocate(cluster, vm.node, {
    volid,
    content: "images",
    size,
    vmid: vm.id,
    ...(source?.image && { image: source.image }),
  });
}

function volumeIdOf(text: string): string | undefined {
  const file = parseOptions(text, "file").get("file") ?? "";
  return /^[^:]+:.+$/.test(file) ? file : undefined;
}

/** Moves a VM's volume strings to new names, as cloning and making a template do. */
export function renameIn(text: string, volid: string): string {
  return printOptions(parseOptions(text, "file").set("file", volid), "file");
}

/** The size in a drive's string follows its volume. Throws where there is no such disk. */
export function growDisk(cluster: Cluster, vm: Vm, { disk, bytes }: { disk: string; bytes: number }): void {
  const volid = drivesOf(vm.config).get(disk);
  if (volid === undefined) throw broken(`disk '${disk}' does not exist`);
  const volume = volumeOf(cluster, vm.node, volid);
  if (bytes < volume.size) throw broken("shrinking disks is not supported");
  volume.size = bytes;
  const options = parseOptions(String(vm.config.get(disk)), "file").set("size", printSize(bytes));
  vm.config.set(disk, printOptions(options, "file"));
}
