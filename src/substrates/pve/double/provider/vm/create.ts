// Creating a VM: from an image, or as a clone of a template on the same or another node.
import { z } from "zod";
import type { Fields, Rest } from "../rest.ts";
import { drivesOf, getConfig, type Place, pathOf, seedInterface, sizeOf } from "./config.ts";
import type { Vm } from "./model.ts";
import { ensureRunning, unlocked } from "./power.ts";
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
  surplus,
  tagFields,
} from "./settings.ts";

const nextId = z.coerce.number().int();
const datastore = z.object({ shared: z.number().default(0) });

/** The id that the VM is to have. */
export async function chooseId(rest: Rest, vm: Vm, signal: AbortSignal): Promise<number> {
  return vm.vmId ?? (await rest.get("cluster/nextid", nextId, { signal }));
}

/** Brings the VM into being: from now on it is the engine's, whatever happens. */
export async function make(rest: Rest, at: Place, vm: Vm, signal: AbortSignal): Promise<void> {
  if (vm.clone) return copy(rest, at, vm, signal);
  const deadline = vm.timeoutCreate * 1_000;
  await rest.run("POST", `nodes/${at.node}/qemu`, {
    fields: { vmid: at.id, ...fieldsOf(vm) },
    deadline,
    signal,
  });
}

/** Makes it what is declared: configured, of the right size, a template or started. */
export async function finish(rest: Rest, at: Place, vm: Vm, signal: AbortSignal): Promise<void> {
  const deadline = vm.timeoutCreate * 1_000;
  if (vm.clone) await fitClone(rest, at, vm, signal);
  else await fitImport(rest, at, vm, signal);
  if (vm.template) await rest.run("POST", `${pathOf(at)}/template`, { deadline, signal });
  else if (vm.started) await ensureRunning(rest, at, vm, signal);
}

async function fitImport(rest: Rest, at: Place, vm: Vm, signal: AbortSignal): Promise<void> {
  for (const disk of vm.disks.filter(({ importFrom }) => importFrom !== "")) {
    const fields = { disk: disk.interface, size: bytesOf(disk.size) };
    await rest.run("PUT", `${pathOf(at)}/resize`, { fields, deadline: vm.timeoutCreate * 1_000, signal });
  }
}

function fieldsOf(vm: Vm): Fields {
  const disks = vm.disks.map((disk) => {
    const volume = `${disk.datastoreId}:${disk.importFrom === "" ? disk.size : 0}`;
    return [disk.interface, diskField(disk, { volume, bytes: bytesOf(disk.size) })];
  });
  const first = ["ide0", "sata0", "scsi0", "virtio0"].filter((at) =>
    vm.disks.some((disk) => disk.interface === at),
  );
  const boot = [
    ...(vm.cdrom ? [vm.cdrom.interface] : []),
    ...first,
    ...(vm.networkDevices.length > 0 ? ["net0"] : []),
  ];
  return {
    acpi: Number(vm.acpi),
    bios: vm.bios,
    boot: `order=${boot.join(";")}`,
    description: vm.description || undefined,
    keyboard: vm.keyboardLayout,
    name: vm.name,
    onboot: Number(vm.onBoot),
    ostype: vm.operatingSystem?.type ?? "other",
    pool: vm.poolId || undefined,
    protection: Number(vm.protection),
    scsihw: vm.scsiHardware,
    tablet: Number(vm.tabletDevice),
    template: 0,
    ...agentFields(vm),
    ...cpuFields(vm),
    ...memoryFields(vm),
    ...nicFields(vm),
    ...serialFields(vm),
    ...(vm.tags.length > 0 ? tagFields(vm) : {}),
    ...seedFields(vm),
    ...seedDriveFields(vm, vm.initialization?.interface || "ide2"),
    ...cdromFields(vm),
    ...Object.fromEntries(disks),
  };
}

async function fitClone(rest: Rest, at: Place, vm: Vm, signal: AbortSignal): Promise<void> {
  await unlocked(rest, at, signal);
  const found = await getConfig(rest, at, signal);
  const seedAt = vm.initialization?.interface || seedInterface(found, at.id) || "ide2";
  if (vm.initialization) await dropSeed(rest, at, [seedAt, seedInterface(found, at.id) ?? "ide2"], signal);
  const fields = { ...cloneFields(vm), ...seedDriveFields(vm, seedAt), ...cdromFields(vm) };
  await rest.send("PUT", `${pathOf(at)}/config`, { fields, signal });
  await fitDisks(rest, at, vm, signal);
}

/** Takes cloud-init drives out, one request each; PVE does not mind where there is none. */
export async function dropSeed(
  rest: Rest,
  at: Place,
  interfaces: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  for (const key of new Set(interfaces)) {
    await rest.send("PUT", `${pathOf(at)}/config`, { fields: { delete: key }, signal });
  }
}

async function copy(rest: Rest, at: Place, vm: Vm, signal: AbortSignal): Promise<void> {
  const source = { node: vm.clone?.nodeName || at.node, id: z.number().parse(vm.clone?.vmId) };
  const deadline = vm.timeoutClone * 1_000;
  const fields = {
    newid: at.id,
    full: Number(vm.clone?.full ?? true),
    name: vm.name,
    description: vm.description || undefined,
    pool: vm.poolId || undefined,
    storage: vm.clone?.datastoreId || undefined,
  };
  const clone = `${pathOf(source)}/clone`;
  const elsewhere = source.node !== at.node;
  const shared = elsewhere && (await onlyShared(rest, source, signal));
  if (!elsewhere || shared) {
    await rest.run("POST", clone, {
      fields: { ...fields, target: shared ? at.node : undefined },
      deadline,
      signal,
    });
    return;
  }
  // PVE can not clone to another node from a datastore that is not shared.
  await rest.run("POST", clone, { fields, deadline, signal });
  const here = { node: source.node, id: at.id };
  await unlocked(rest, here, signal);
  const move = { target: at.node, "with-local-disks": 1 };
  await rest.run("POST", `${pathOf(here)}/migrate`, { fields: move, deadline, signal });
}

async function onlyShared(rest: Rest, source: Place, signal: AbortSignal): Promise<boolean> {
  const drives = [...drivesOf(await getConfig(rest, source, signal)).values()];
  const names = drives.flatMap(({ volume }) => (volume === "none" ? [] : [volume.split(":")[0]]));
  for (const name of new Set(names)) {
    const found = await rest.get(`nodes/${source.node}/storage/${name}/status`, datastore, { signal });
    if (found.shared === 0) return false;
  }
  return true;
}

// A clone is sent what differs from the provider's defaults; all the rest stays as the template has it.
function cloneFields(vm: Vm): Fields {
  return {
    acpi: vm.acpi ? undefined : 0,
    bios: vm.bios === "seabios" ? undefined : vm.bios,
    delete: surplus(vm).join(",") || undefined,
    keyboard: vm.keyboardLayout === "en-us" ? undefined : vm.keyboardLayout,
    onboot: Number(vm.onBoot),
    ostype: vm.operatingSystem?.type,
    protection: vm.protection ? 1 : undefined,
    scsihw: vm.scsiHardware === "virtio-scsi-pci" ? undefined : vm.scsiHardware,
    tablet: vm.tabletDevice ? undefined : 0,
    ...(vm.agent ? agentFields(vm) : {}),
    ...(vm.cpu ? cpuFields(vm) : {}),
    ...(vm.memory ? memoryFields(vm) : {}),
    ...nicFields(vm),
    ...serialFields(vm),
    ...(vm.tags.length > 0 ? tagFields(vm) : {}),
    ...seedFields(vm),
  };
}

async function fitDisks(rest: Rest, at: Place, vm: Vm, signal: AbortSignal): Promise<void> {
  const drives = drivesOf(await getConfig(rest, at, signal));
  for (const disk of vm.disks) {
    const drive = drives.get(disk.interface);
    const now = drive === undefined ? 0 : sizeOf(drive);
    if (drive !== undefined && disk.size < now) {
      throw new Error(
        `disk resize failure: requested size (${disk.size}G) is lower than current size (${now}G)`,
      );
    }
    const of = drive
      ? { volume: drive.volume, bytes: bytesOf(now) }
      : { volume: `${disk.datastoreId}:${disk.size}` };
    await rest.send("PUT", `${pathOf(at)}/config`, {
      fields: { [disk.interface]: diskField(disk, of) },
      signal,
    });
    if (drive === undefined || disk.size === now) continue;
    const fields = { disk: disk.interface, size: bytesOf(disk.size) };
    await rest.run("PUT", `${pathOf(at)}/resize`, { fields, deadline: vm.timeoutClone * 1_000, signal });
  }
}
