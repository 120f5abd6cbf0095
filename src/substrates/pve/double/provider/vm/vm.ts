// `proxmoxve:index/vmLegacy:VmLegacy`: a QEMU VM, made from an image or cloned from a template.

import { compare } from "../../../../bridged/compare.ts";
import { checked, inputsOf } from "../../../../bridged/inputs.ts";
import {
  type Properties,
  type PropertyChange,
  type ResourceDouble,
  type ResourceState,
  unknown,
} from "../../../../double.ts";
import { HalfMade } from "../../../../partial.ts";
import { PveError, poll, type Rest } from "../rest.ts";
import { pathOf } from "./config.ts";
import { chooseId, finish, make } from "./create.ts";
import { isObject, withDefaults } from "./defaults.ts";
import { model, shape, type Vm } from "./model.ts";
import { ensureStopped, isRunning, stop } from "./power.ts";
import { readVm } from "./read.ts";
import { updateVm } from "./update.ts";

const addresses = ["ipv4Addresses", "ipv6Addresses", "networkInterfaceNames"] as const;

/** The type's double over one API. */
export function vm(rest: Rest): ResourceDouble {
  return {
    deleteBeforeReplace: true,
    secrets: ["initialization.userAccount.password"],
    check(news) {
      const filled = withDefaults(news);
      checked(model, filled);
      return filled;
    },
    diff: ({ outputs }, news) => diff(outputs, news),
    preview: (news, olds) => (olds === undefined ? previewCreate(news) : previewUpdate(news, olds)),
    create: (news, signal) => create(rest, model.parse(news), signal),
    async read(id, olds, signal) {
      const outputs = await readVm(rest, idOf(id), olds.outputs, signal);
      if (outputs === undefined) return undefined;
      return { id: String(idOf(id)), outputs, inputs: inputsOf(shape.inputs, olds.inputs, outputs) };
    },
    async update(id, { olds, news }, signal) {
      const wanted = model.parse(withMacs(news, olds));
      await updateVm(rest, { node: wanted.nodeName, id: idOf(id) }, { olds, vm: wanted }, signal);
      return found(rest, idOf(id), { ...olds, ...wanted }, signal);
    },
    delete: (id, olds, signal) => remove(rest, idOf(id), model.parse(declaredOf(olds)), signal),
  };
}

// Addresses are asked for again after such a change, and shown as changing.
function diff(outputs: Properties, news: Properties): PropertyChange[] {
  const changes = compare(outputs, news, shape);
  const again = changes.some(({ path }) => path === "started" || path.startsWith("networkDevices"));
  const shown = addresses.map((path): PropertyChange => {
    const known = outputs[path];
    return { path, kind: Array.isArray(known) && known.length > 0 ? "delete" : "add" };
  });
  return again ? [...changes, ...shown] : changes;
}

function previewCreate(news: Properties): Properties {
  const nics = Array.isArray(news.networkDevices) ? news.networkDevices : [];
  return {
    ...news,
    vmId: news.vmId ?? unknown,
    networkDevices: nics.map((nic) => (isObject(nic) ? { macAddress: unknown, ...nic } : nic)),
    macAddresses: unknown,
    ...Object.fromEntries(addresses.map((key) => [key, unknown])),
  };
}

function previewUpdate(news: Properties, olds: Properties): Properties {
  const again = diff(olds, news).some(({ path }) => path === addresses[0]);
  return {
    ...merge(olds, news),
    ...(again ? Object.fromEntries(addresses.map((key) => [key, unknown])) : {}),
  };
}

function merge(olds: Properties, news: Properties): Properties {
  const merged = Object.entries(news).map(([key, value]) => [key, mergeValue(olds[key], value)]);
  return { ...olds, ...Object.fromEntries(merged) };
}

function mergeValue(old: unknown, value: unknown): unknown {
  if (isObject(old) && isObject(value)) return merge(old, value);
  if (Array.isArray(old) && Array.isArray(value))
    return value.map((item, index) => mergeValue(old[index], item));
  return value;
}

async function create(rest: Rest, wanted: Vm, signal: AbortSignal): Promise<ResourceState> {
  const id = await chooseId(rest, wanted, signal);
  const at = { node: wanted.nodeName, id };
  await make(rest, at, wanted, signal);
  try {
    await finish(rest, at, wanted, signal);
    return { id: String(id), outputs: await found(rest, id, wanted, signal) };
  } catch (error) {
    const outputs = await found(rest, id, wanted, signal).catch(() => ({ ...wanted, vmId: id }));
    throw new HalfMade({ id: String(id), outputs }, error);
  }
}

async function found(rest: Rest, id: number, known: Properties, signal: AbortSignal): Promise<Properties> {
  const outputs = await readVm(rest, id, known, signal);
  if (outputs === undefined) throw new Error(`VM ${id} could not be read after the change`);
  return outputs;
}

// A NIC keeps its MAC address through an update.
function withMacs(news: Properties, olds: Properties): Properties {
  if (!Array.isArray(news.networkDevices) || !Array.isArray(olds.networkDevices)) return news;
  const before: readonly unknown[] = olds.networkDevices;
  const nics = news.networkDevices.map((nic, index) => {
    const old = before[index];
    return isObject(nic) && isObject(old) ? { macAddress: old.macAddress, ...nic } : nic;
  });
  return { ...news, networkDevices: nics };
}

// A delete needs where the VM is and how it may be stopped; the rest of the state is none of its business.
function declaredOf(olds: Properties): Properties {
  const keys = [
    "nodeName",
    "name",
    "purgeOnDestroy",
    "deleteUnreferencedDisksOnDestroy",
    "stopOnDestroy",
    "timeoutStopVm",
    "timeoutShutdownVm",
  ];
  return Object.fromEntries(keys.flatMap((key) => (olds[key] == null ? [] : [[key, olds[key]]])));
}

async function remove(rest: Rest, id: number, vm: Vm, signal: AbortSignal): Promise<void> {
  const at = { node: vm.nodeName, id };
  const deadline = Math.max(vm.timeoutStopVm, vm.timeoutShutdownVm) * 1_000;
  if (await isRunning(rest, at, signal)) {
    if (vm.stopOnDestroy) await stop(rest, at, vm, signal);
    else await ensureStopped(rest, at, vm, signal);
  }
  const query = `destroy-unreferenced-disks=${Number(vm.deleteUnreferencedDisksOnDestroy)}&purge=${Number(vm.purgeOnDestroy)}`;
  // The real client's path ends in a slash.
  await rest.run("DELETE", `${pathOf(at)}/?${query}`, { deadline, signal });
  const gone = () =>
    isRunning(rest, at, signal).then(
      () => false,
      (error: unknown) => error instanceof PveError,
    );
  await poll(gone, (is) => is, AbortSignal.any([signal, AbortSignal.timeout(deadline)]));
}

// An import may name the node too: `pve1/9101`.
function idOf(id: string): number {
  const number = Number(id.split("/").at(-1));
  if (!Number.isInteger(number)) throw new Error(`"${id}": expected a VM id`);
  return number;
}
