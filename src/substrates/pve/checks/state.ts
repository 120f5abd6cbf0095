// Whether each guest's VM is what was declared: running, not held, nothing waiting, and no settings that nobody declared.
import type { z } from "zod";
import type { Check } from "../../../check/check.ts";
import { fail, list, type Outcome, pass, type Sentence, say } from "../../../check/outcome.ts";
import type { Api } from "../api.ts";
import type { PveConfig } from "../config.ts";
import { type VmConfig, vmState, waiting } from "../models.ts";
import type { Guest } from "../topology.ts";
import { gate } from "./gates.ts";
import { configOf, pathOf } from "./machines.ts";
import { isWaiting } from "./waiting.ts";

/** pve.vm.state for each guest. */
export function stateChecks(config: PveConfig, api: Api): readonly Check[] {
  return config.guests.map((guest) => ({
    id: "pve.vm.state",
    target: guest.name,
    after: [gate],
    deadline: 15_000,
    observe: (signal) => checkState(api, guest, signal),
  }));
}

async function checkState(api: Api, guest: Guest, signal: AbortSignal): Promise<Outcome> {
  const found = await configOf(api, guest, signal);
  if (found === undefined) return fail(say`${guest.name} does not exist`);
  const [state, rows] = await Promise.all([
    api.get(`${pathOf(guest)}/status/current`, vmState, signal),
    api.get(`${pathOf(guest)}/pending`, waiting, signal),
  ]);
  return judge(guest, [...powerFaults(state), ...waitFaults(rows), ...settingFaults(found)]);
}

function judge({ name }: Guest, wrong: readonly Sentence[]): Outcome {
  return wrong.length === 0
    ? pass(say`${name} is running as declared, unlocked and with nothing pending`)
    : fail(say`${name} ${list(wrong)}`);
}

function powerFaults({ status, qmpstatus, lock }: z.infer<typeof vmState>): Sentence[] {
  return [
    status === "running" ? [] : [say`is switched off`],
    status === "running" && qmpstatus !== "running" ? [say`is paused`] : [],
    lock === undefined ? [] : [say`is locked`],
  ].flat();
}

function waitFaults(rows: z.infer<typeof waiting>): Sentence[] {
  const count = rows.filter(isWaiting).length;
  return count === 0 ? [] : [say`has ${count} settings that wait for a restart`];
}

/** Disk, config drive and CD drive, as the program makes them. */
const drives = ["scsi0", "ide2", "ide3"];

/** What the provider sends for the declaration, and what PVE adds to every VM by itself. */
const expected = new Set(
  [
    "acpi agent balloon bios boot cores cpu keyboard memory name numa onboot ostype scsihw sockets tablet",
    "description tags citype ciuser nameserver searchdomain sshkeys serial0",
    "digest meta smbios1 vmgenid",
    ...drives,
  ].flatMap((line) => line.split(" ")),
);

/**
 * What a refresh does not see: of a clone the provider reads back only what was declared otherwise than its own default,
 * and neither boot order nor disks (recorded from the real plugin). Tags and description are declared: drift shows them.
 */
function settingFaults(found: VmConfig): Sentence[] {
  const isDrive = (key: string) => /^(ide|sata|scsi|virtio|unused|efidisk|tpmstate)\d+$/.test(key);
  const keys = Object.keys(found).filter((key) => !expected.has(key) && !/^(net|ipconfig)\d+$/.test(key));
  const disks = keys.filter(isDrive).length;
  const missing = drives.filter((key) => found[key] === undefined).length;
  const others = keys.filter((key) => !isDrive(key) && !(key === "protection" && Number(found[key]) === 0));
  return [
    missing === 0 ? [] : [say`lacks ${missing} of its drives`],
    disks === 0 ? [] : [say`has ${disks} drives that are not declared`],
    others.length === 0 ? [] : [say`has ${others.length} settings that are not declared`],
    bootsFrom(found) === "scsi0" ? [] : [say`does not boot from its disk`],
  ].flat();
}

/** The first device in the boot order that is there and no empty CD drive: `order=ide3;scsi0;net0`. */
function bootsFrom(found: VmConfig): string | undefined {
  const order = /(?:^|,)order=([^,]*)/.exec(String(found.boot ?? ""))?.[1]?.split(";") ?? [];
  return order.find((device) => !/^((none|cdrom),|$)/.test(String(found[device] ?? "")));
}
