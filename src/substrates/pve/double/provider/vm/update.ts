// Changing a VM in place: what changed goes into the configuration, and a restart makes the guest see it.

import { compare } from "../../../../bridged/compare.ts";
import type { Properties } from "../../../../double.ts";
import type { Fields, Rest } from "../rest.ts";
import { type Config, drivesOf, getConfig, type Place, pathOf, seedInterface } from "./config.ts";
import { dropSeed } from "./create.ts";
import { isObject } from "./defaults.ts";
import { shape, type Vm } from "./model.ts";
import { ensureRunning, ensureStopped, isRunning } from "./power.ts";
import {
  agentFields,
  bytesOf,
  cdromFields,
  cpuFields,
  diskField,
  memoryFields,
  nicFields,
  seedDriveFields,
  seedFields,
  serialFields,
  tagFields,
} from "./settings.ts";

// Changes that a running guest only sees after it was off.
const rebooting = [
  "acpi",
  "agent",
  "bios",
  "cpu",
  "initialization",
  "keyboardLayout",
  "memory",
  "operatingSystem",
  "scsiHardware",
  "serialDevices",
  "tabletDevice",
];

/** Brings the VM from its state to what is declared. The declared NICs carry the MAC addresses that they have. */
export async function updateVm(
  rest: Rest,
  at: Place,
  change: { olds: Properties; vm: Vm },
  signal: AbortSignal,
): Promise<void> {
  const { olds, vm } = change;
  const changed = new Set(compare(olds, vm, shape).map(({ path }) => path.replace(/[.[].*$/, "")));
  if (changed.has("poolId")) await move(rest, at, { from: olds.poolId, to: vm.poolId }, signal);
  const found = await getConfig(rest, at, signal);
  const seedAt = vm.initialization?.interface || seedInterface(found, at.id) || "ide2";
  const newSeed = changed.has("initialization") && needsDrive(found, at, { olds, vm, seedAt });
  const stopped = newSeed && (await ensureOff(rest, at, vm, signal));
  if (newSeed) await dropSeed(rest, at, [seedAt, seedInterface(found, at.id) ?? seedAt], signal);
  const fields = { ...changedFields(changed, vm, found), ...(newSeed ? seedDriveFields(vm, seedAt) : {}) };
  await rest.send("PUT", `${pathOf(at)}/config`, { fields, signal });
  if (changed.has("initialization") && !vm.template) {
    await rest.send("PUT", `${pathOf(at)}/cloudinit`, { signal });
  }
  const growing = changed.has("disks") ? growth(olds, vm) : [];
  const restart = rebooting.some((key) => changed.has(key));
  if (!vm.template && restart && !stopped) await ensureOff(rest, at, vm, signal);
  for (const { at: disk, size } of growing) {
    const resize = { fields: { disk, size }, deadline: vm.timeoutMoveDisk * 1_000, signal };
    await rest.run("PUT", `${pathOf(at)}/resize`, resize);
  }
  await settle(rest, at, { vm, startedChanged: changed.has("started") }, signal);
}

/** Out of one pool, and into another. */
async function move(
  rest: Rest,
  { id }: Place,
  { from, to }: { from: unknown; to: string },
  signal: AbortSignal,
): Promise<void> {
  if (typeof from === "string" && from !== "")
    await rest.send("PUT", `pools?poolid=${from}`, { fields: { vms: id, delete: 1 }, signal });
  if (to !== "") await rest.send("PUT", `pools?poolid=${to}`, { fields: { vms: id }, signal });
}

// The drive is made anew where it is missing, elsewhere, or on another datastore.
function needsDrive(
  found: Config,
  at: Place,
  { olds, vm, seedAt }: { olds: Properties; vm: Vm; seedAt: string },
): boolean {
  if (!vm.initialization) return false;
  const before = isObject(olds.initialization) ? olds.initialization.datastoreId : undefined;
  return seedInterface(found, at.id) !== seedAt || before !== vm.initialization.datastoreId;
}

async function ensureOff(rest: Rest, at: Place, vm: Vm, signal: AbortSignal): Promise<boolean> {
  if (!(await isRunning(rest, at, signal))) return true;
  return ensureStopped(rest, at, vm, signal);
}

function changedFields(changed: ReadonlySet<string>, vm: Vm, found: Config): Fields {
  const nics = changed.has("networkDevices") ? nicFields(vm) : undefined;
  const gone =
    nics === undefined ? [] : Object.keys(found).filter((key) => /^net\d+$/.test(key) && !(key in nics));
  const deleted = [...(changed.has("cpu") ? ["vcpus", "cpulimit"] : []), ...gone];
  const one = (key: keyof Vm, fields: Fields): Fields => (changed.has(key) ? fields : {});
  return {
    name: vm.name,
    ...one("acpi", { acpi: Number(vm.acpi) }),
    ...one("bios", { bios: vm.bios }),
    ...one("description", { description: vm.description }),
    ...one("onBoot", { onboot: Number(vm.onBoot) }),
    ...one("tags", tagFields(vm)),
    ...one("keyboardLayout", { keyboard: vm.keyboardLayout }),
    ...one("protection", { protection: Number(vm.protection) }),
    ...one("tabletDevice", { tablet: Number(vm.tabletDevice) }),
    ...one("agent", agentFields(vm)),
    ...one("cdrom", cdromFields(vm)),
    ...one("cpu", cpuFields(vm)),
    ...one("memory", memoryFields(vm)),
    ...one("operatingSystem", { ostype: vm.operatingSystem?.type ?? "other" }),
    ...one("scsiHardware", { scsihw: vm.scsiHardware }),
    ...one("serialDevices", serialFields(vm)),
    ...one("initialization", seedFields(vm)),
    ...one("disks", diskFields(vm, found)),
    ...nics,
    delete: deleted.join(",") || undefined,
  };
}

function diskFields(vm: Vm, found: Config): Fields {
  const drives = drivesOf(found);
  const fields = vm.disks.map((disk) => {
    const drive = drives.get(disk.interface);
    if (drive === undefined)
      throw new Error(`${disk.interface}: adding a disk to a VM is not known to the double`);
    return [disk.interface, diskField(disk, { volume: drive.volume })];
  });
  return Object.fromEntries(fields);
}

function growth(olds: Properties, vm: Vm): { at: string; size: number }[] {
  const before = Array.isArray(olds.disks) ? olds.disks.filter(isObject) : [];
  return vm.disks.flatMap((disk) => {
    const size = Number(before.find((old) => old.interface === disk.interface)?.size ?? disk.size);
    if (size > disk.size)
      throw new Error(`Cannot shrink ${disk.datastoreId}:${disk.interface}, it is not supported!`);
    return size < disk.size ? [{ at: disk.interface, size: bytesOf(disk.size) }] : [];
  });
}

async function settle(
  rest: Rest,
  at: Place,
  { vm, startedChanged }: { vm: Vm; startedChanged: boolean },
  signal: AbortSignal,
): Promise<void> {
  if (vm.template) {
    await ensureStopped(rest, at, vm, signal);
    return;
  }
  const running = await isRunning(rest, at, signal);
  if (vm.started && !running) await ensureRunning(rest, at, vm, signal);
  if (!vm.started && startedChanged && running) await ensureStopped(rest, at, vm, signal);
}
