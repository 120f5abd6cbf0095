// A VM's config: which keys there are, what is kept of a value, and what waits for the next cold start.
import { effective } from "./cluster.ts";
import { digestOf } from "./digest.ts";
import { detach, isDrive, realise } from "./drives.ts";
import { isNic, plugged } from "./nics.ts";
import { invalid } from "./refusal.ts";
import type { Cluster, Setting, Vm } from "./state.ts";

/**
 * Settings that the lab heeds or that change nothing it shows; all others are refused, as PVE does with unknown ones.
 * Kept and given as numbers: the provider reads a string as false or can not decode it.
 */
const numbers = new Set(
  "acpi balloon cores cpuunits kvm numa onboot protection sockets tablet template vcpus".split(" "),
);
const texts = new Set(
  [
    "agent args bios boot citype ciuser cpu cpulimit description keyboard memory name nameserver ostype",
    "scsihw searchdomain sshkeys tags",
  ].flatMap((line) => line.split(" ")),
);
/** In force at once on a running VM, beside network interfaces and what cloud-init is told (qemu-server, QemuServer.pm). */
const fast = new Set("description name onboot protection tags template".split(" "));
const cloudInit = /^(citype|ciuser|sshkeys|nameserver|searchdomain|ipconfig\d+)$/;

/** Whether cloud-init is told about a key. */
export function isCloudInit(key: string): boolean {
  return cloudInit.test(key) || key === "name" || isNic(key);
}

/** PUT …/config: `delete` names the keys to remove, the rest is set. Keys that are not there can be removed too. */
export function changeSettings(
  cluster: Cluster,
  vm: Vm,
  { delete: gone, ...wanted }: Readonly<Record<string, string>>,
): void {
  const removals = gone?.split(/[,;\s]+/).filter((key) => key !== "") ?? [];
  refuseUnknown([...removals, ...Object.keys(wanted)]);
  const entries = Object.entries(wanted);
  const drives = entries.filter(([key]) => isDrive(key));
  const values = entries.flatMap(([key, text]) =>
    isDrive(key) ? [] : [{ key, value: accepted(key, text) }],
  );
  for (const key of removals) remove(cluster, vm, key);
  for (const change of values) put(cluster, vm, change);
  for (const [key, text] of drives) put(cluster, vm, { key, value: realise(cluster, vm, { key, text }) });
}

/** GET …/config: with what waits applied, or (`current`) only what is in force. */
export function readSettings(vm: Vm, current: boolean): Record<string, Setting> {
  const config = current ? vm.config : effective(vm);
  return { ...Object.fromEntries(config), digest: digestOf([...vm.config]) };
}

/** GET …/pending */
export function pendingSettings(vm: Vm): Record<string, unknown>[] {
  const keys = new Set([...vm.config.keys(), ...vm.pending.keys()]);
  return [...keys].map((key) => {
    const [value, pending] = [vm.config.get(key), vm.pending.get(key)];
    return {
      key,
      ...(value !== undefined && { value: String(value) }),
      ...(pending !== undefined && { pending: String(pending) }),
      ...(vm.pending.has(key) && pending === undefined && { delete: 1 }),
    };
  });
}

/** What a cold start does first: what waits comes into force. */
export function applyPending(cluster: Cluster, vm: Vm): void {
  for (const [key, value] of vm.pending) settle(cluster, vm, { key, value });
  vm.pending.clear();
}

function remove(cluster: Cluster, vm: Vm, key: string): void {
  vm.pending.delete(key);
  if (vm.config.has(key)) put(cluster, vm, { key, value: undefined });
}

function put(cluster: Cluster, vm: Vm, change: Change): void {
  vm.pending.delete(change.key);
  if (vm.startedAt === undefined || isHot(vm, change)) settle(cluster, vm, change);
  else if (vm.config.get(change.key) !== change.value) vm.pending.set(change.key, change.value);
}

type Change = { readonly key: string; readonly value: Setting | undefined };

function settle(cluster: Cluster, vm: Vm, { key, value }: Change): void {
  const before = vm.config.get(key);
  if (value === undefined) vm.config.delete(key);
  else vm.config.set(key, value);
  if (isDrive(key) && before !== undefined && fileOf(before) !== fileOf(value))
    detach(cluster, vm, { key, text: String(before) });
}

function fileOf(drive: Setting | undefined): string | undefined {
  return drive === undefined ? undefined : String(drive).split(",")[0];
}

/** IDE can not be plugged while the VM runs; only the medium of a CD drive can change. */
function isHot(vm: Vm, { key, value }: Change): boolean {
  if (/^(ide|sata)/.test(key))
    return [vm.config.get(key), value].every((drive) => String(drive).includes("media=cdrom"));
  return fast.has(key) || cloudInit.test(key) || isNic(key) || isDrive(key);
}

function refuseUnknown(keys: readonly string[]): void {
  const unknown = keys.filter((key) => !isKnown(key));
  const reason = "property is not defined in schema and the schema does not allow additional properties";
  if (unknown.length > 0) throw invalid(Object.fromEntries(unknown.map((key) => [key, reason])));
}

function isKnown(key: string): boolean {
  return (
    numbers.has(key) || texts.has(key) || isDrive(key) || isNic(key) || /^(ipconfig|serial)\d+$/.test(key)
  );
}

function accepted(key: string, text: string): Setting {
  if (numbers.has(key)) return wholeNumber(key, text);
  if (key === "memory") return String(wholeNumber(key, text));
  if (isNic(key)) return plugged(key, text);
  if (key === "tags") return [...new Set(text.split(/[;,\s]+/).filter((tag) => tag !== ""))].join(";");
  if (key === "sshkeys") return percentEncoded(text);
  return text;
}

function wholeNumber(key: string, text: string): number {
  if (!/^\d+$/.test(text)) throw invalid({ [key]: `type check ('integer') failed - got '${text}'` });
  return Number(text);
}

/** Keys stay percent-encoded as they came inside the form field. */
function percentEncoded(text: string): string {
  if (/^([A-Za-z0-9_.!~*'()-]|%[0-9A-Fa-f]{2})+$/.test(text)) return text;
  throw invalid({ sshkeys: "invalid format - invalid urlencoded string" });
}
