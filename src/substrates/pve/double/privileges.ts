// What a request takes beyond the API's description of it: by setting, by storage and by bridge, as PVE's code has it.
import { isConfigDrive, isDrive } from "./drives.ts";
import { demand, may, type Need } from "./needs.ts";
import { isNic } from "./nics.ts";
import { parseOptions } from "./options.ts";
import type { Setting, Vm } from "./state.ts";
import { seeing, volumeOf } from "./storage.ts";
import type { Caller } from "./tokens.ts";

/** A VM that is there or is to be made; in which pool, where it is still to be made. */
type Target = { readonly node: string; readonly vmid: number; readonly pool?: string | undefined };

/** Settings as a request has them, the keys that it takes away, and what was there before. */
type Change = {
  readonly wanted: Readonly<Record<string, string>>;
  readonly gone?: readonly string[];
  readonly before?: ReadonlyMap<string, Setting>;
};

/** Throws 403 where the caller may not make a VM with such settings (qemu-server, API2/Qemu.pm, create_vm). */
export function demandCreation(caller: Caller, target: Target, wanted: Change["wanted"]): void {
  demand(caller, onVm(target, ["VM.Allocate"]));
  demandSettings(caller, target, Object.keys(wanted));
  for (const key of Object.keys(wanted))
    if (isSerial(key)) demand(caller, onVm(target, ["VM.Config.HWType"]));
  demandVolumes(caller, target, wanted);
  demandBridges(caller, Object.entries(wanted));
}

/** Throws 403 where the caller may not change a VM so (qemu-server, API2/Qemu.pm, update_vm_api). */
export function demandChange(caller: Caller, target: Target, { wanted, gone = [], before }: Change): void {
  demandSettings(caller, target, [...gone, ...Object.keys(wanted)]);
  demandVolumes(caller, target, wanted);
  const replaced = [...gone, ...Object.keys(wanted)].flatMap((key): [string, string][] => {
    const text = before?.get(key);
    return text === undefined ? [] : [[key, String(text)]];
  });
  const touched = [...replaced, ...Object.entries(wanted)];
  demandBridges(caller, touched);
  for (const [key, text] of touched) {
    if (isSerial(key)) demand(caller, onVm(target, ["VM.Config.HWType"]));
    if (isDrive(key)) demand(caller, onVm(target, driveRights(target.vmid, text)));
  }
}

/** Throws 403 where the caller may not have a copy of a VM's disks and interfaces made (qemu-server, API2/Qemu.pm, clone_vm). */
export function demandCopy(caller: Caller, { config }: Vm): void {
  const entries = [...config].map(([key, text]): [string, string] => [key, String(text)]);
  for (const [key, text] of entries) {
    const file = parseOptions(text, "file").get("file") ?? "";
    if (isDrive(key) && !text.includes("media=cdrom"))
      demand(caller, { on: `/storage/${file.split(":")[0]}`, all: ["Datastore.AllocateSpace"] });
  }
  demandBridges(caller, entries);
}

/** Whether a bridge is shown to the caller: by a right on it, or on one of its VLANs (pve-access-control, check_sdn_bridge). */
export function maySeeBridge(caller: Caller, iface: string): boolean {
  const path = `/sdn/zones/localnetwork/${iface}`;
  const vlans = [...caller.token.acl.keys()].filter((key) => key.startsWith(`${path}/`));
  return [path, ...vlans].some((on) => may(caller, { on, any: ["SDN.Audit", "SDN.Use"] }));
}

const kinds: readonly (readonly [keys: RegExp, right: string])[] = [
  [/^(cores|cpu|cpulimit|cpuunits|numa\d*|smp|sockets|vcpus)$/, "VM.Config.CPU"],
  [/^(balloon|memory|shares)$/, "VM.Config.Memory"],
  [/^(acpi|hotplug|kvm|machine|scsihw|smbios1|tablet|vga)$/, "VM.Config.HWType"],
  [/^(agent|bios|description|keyboard|name|onboot|ostype|protection|tags|template)$/, "VM.Config.Options"],
  [/^(boot|bootdisk)$/, "VM.Config.Disk"],
  [/^net\d+$/, "VM.Config.Network"],
];
const cloudInit = /^(cicustom|citype|ciuser|nameserver|searchdomain|sshkeys|ipconfig\d+)$/;

/** Drives and serial ports depend on what they are set to; what is in no group is for root alone. */
function demandSettings(caller: Caller, target: Target, keys: readonly string[]): void {
  for (const key of keys) {
    const right = kinds.find(([known]) => known.test(key))?.[1];
    if (right !== undefined) demand(caller, onVm(target, [right]));
    if (cloudInit.test(key))
      demand(caller, onVm(target, ["VM.Config.Cloudinit", "VM.Config.Network"], "any"));
  }
}

function driveRights(vmid: number, text: string): readonly string[] {
  const file = parseOptions(text, "file").get("file") ?? "";
  if (isConfigDrive(vmid, text) || file.endsWith(":cloudinit"))
    return ["VM.Config.Cloudinit", "VM.Config.CDROM"];
  return text.includes("media=cdrom") || /^(none|cdrom)$/.test(file)
    ? ["VM.Config.CDROM"]
    : ["VM.Config.Disk"];
}

/** New disks take space on a storage; what is there already must be theirs to see. */
function demandVolumes(caller: Caller, target: Target, wanted: Change["wanted"]): void {
  for (const [key, text] of Object.entries(wanted)) {
    if (!isDrive(key)) continue;
    const options = parseOptions(text, "file");
    const file = options.get("file") ?? "";
    const [storage, name = ""] = file.split(":");
    if (/^\d+$/.test(name)) demand(caller, { on: `/storage/${storage}`, all: ["Datastore.AllocateSpace"] });
    else if (file === "cdrom") demand(caller, { on: "/", all: ["Sys.Console"] });
    const known = [name === "" || name === "cloudinit" || /^\d+$/.test(name) ? undefined : file];
    for (const volid of [...known, options.get("import-from")])
      if (volid !== undefined)
        demand(caller, seeing(volumeOf(caller.cluster, target.node, volid), target.vmid));
  }
}

/** Plugging an interface in, or out, takes the right to use its bridge, or its VLAN there (pve-guest-common, check_vnet_access). */
function demandBridges(caller: Caller, settings: readonly (readonly [string, string])[]): void {
  for (const [key, text] of settings) {
    const options = parseOptions(text, "model");
    const [bridge, tag] = [options.get("bridge"), options.get("tag")];
    if (!isNic(key) || bridge === undefined) continue;
    const on = `/sdn/zones/localnetwork/${bridge}${tag === undefined ? "" : `/${tag}`}`;
    demand(caller, { on, all: ["SDN.Use"] });
  }
}

function isSerial(key: string): boolean {
  return /^serial\d+$/.test(key);
}

/** On the VM, or on the pool that it is made in. */
function onVm({ vmid, pool }: Target, rights: readonly string[], how: "all" | "any" = "all"): Need {
  const on = (path: string): Need => (how === "all" ? { on: path, all: rights } : { on: path, any: rights });
  const own = on(`/vms/${vmid}`);
  return pool === undefined ? own : { either: [on(`/pool/${pool}`), own] };
}
