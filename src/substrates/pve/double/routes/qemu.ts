// Routes about VMs: config, power, cloud-init, and how they come and go.
import { z } from "zod";
import { effective, nodeOf, unlockedVm, vmOf } from "../cluster.ts";
import { growDisk } from "../drives.ts";
import { mediaPending, writeMedia } from "../media.ts";
import { parseSize } from "../options.ts";
import { hold, shutdown, start, stop } from "../power.ts";
import { demandChange, demandCopy, demandCreation } from "../privileges.ts";
import {
  cloneVm,
  createVm,
  deleteVm,
  makeTemplate,
  migrateVm,
  refuseDeletion,
  refuseTaken,
} from "../provision.ts";
import { broken, invalid, Refusal } from "../refusal.ts";
import { flag, optional, route, whole } from "../route.ts";
import { changeSettings, pendingSettings, readSettings } from "../settings.ts";
import type { Cluster, Vm } from "../state.ts";
import { currentStatus, visibleVms, vmRow } from "../status.ts";
import { runTask } from "../tasks.ts";
import type { Caller } from "../tokens.ts";

const node = z.strictObject({ node: z.string() });
const vm = node.extend({ vmid: whole });
/** Everything else that a request brings goes into the config, which knows its own keys. */
const settings = z.object({ node: z.string(), vmid: whole }).catchall(z.string());

type Place = z.infer<typeof vm>;

const audit = { on: "/vms/{vmid}", all: ["VM.Audit"] } as const;
const power = { on: "/vms/{vmid}", all: ["VM.PowerMgmt"] } as const;
const allocate = { on: "/vms/{vmid}", all: ["VM.Allocate"] } as const;
/** Which of them depends on the settings. */
const anySetting = {
  on: "/vms/{vmid}",
  any: [
    "VM.Config.Disk",
    "VM.Config.CDROM",
    "VM.Config.CPU",
    "VM.Config.Memory",
    "VM.Config.Network",
    "VM.Config.HWType",
    "VM.Config.Options",
    "VM.Config.Cloudinit",
  ],
} as const;
const copying = {
  every: [
    { on: "/vms/{vmid}", all: ["VM.Clone"] },
    {
      either: [
        { on: "/vms/{newid}", all: ["VM.Allocate"] },
        { on: "/pool/{pool}", all: ["VM.Allocate"], given: "pool" },
      ],
    },
  ],
} as const;

const reading = [
  route("GET /nodes/{node}/qemu", {
    model: node,
    run: ({ node }, caller) => {
      const { name } = nodeOf(caller.cluster, node);
      const here = visibleVms(caller).filter((vm) => vm.node === name);
      return here.map((vm) => vmRow(caller.cluster, vm));
    },
  }),
  route("GET /nodes/{node}/qemu/{vmid}/config", {
    model: vm.extend({ current: flag.optional() }),
    needs: audit,
    run: (place, { cluster }) => readSettings(vmOf(cluster, place), place.current ?? false),
  }),
  route("GET /nodes/{node}/qemu/{vmid}/pending", {
    model: vm,
    needs: audit,
    run: (place, { cluster }) => pendingSettings(vmOf(cluster, place)),
  }),
  route("GET /nodes/{node}/qemu/{vmid}/status/current", {
    model: vm,
    needs: audit,
    run: (place, { cluster }) => currentStatus(cluster, vmOf(cluster, place)),
  }),
  route("GET /nodes/{node}/qemu/{vmid}/cloudinit", {
    model: vm,
    needs: audit,
    run: (place, { cluster }) => mediaPending(cluster, vmOf(cluster, place)),
  }),
];

const changing = [
  route("PUT /nodes/{node}/qemu/{vmid}/config", {
    model: settings,
    needs: anySetting,
    run: ({ node, vmid, lock, skiplock, ...wanted }, caller) => {
      const { cluster } = caller;
      const place = { node, vmid };
      refuseRootOnly({ lock, skiplock, ...wanted }, caller.token.id);
      const { delete: _gone, ...set } = wanted;
      const before = effective(vmOf(cluster, place));
      demandChange(caller, place, { wanted: set, gone: removals(wanted), before });
      const vm = skiplock === "1" ? vmOf(cluster, place) : unlockedVm(cluster, place);
      changeSettings(cluster, vm, unlocking(vm, wanted));
      if (lock !== undefined) vm.lock = { word: lock, until: Number.POSITIVE_INFINITY };
    },
  }),
  route("PUT /nodes/{node}/qemu/{vmid}/cloudinit", {
    model: vm,
    needs: { on: "/vms/{vmid}", all: ["VM.Config.Cloudinit"] },
    run: (place, { cluster }) => writeMedia(cluster, unlockedVm(cluster, place)),
  }),
  route("PUT /nodes/{node}/qemu/{vmid}/resize", {
    model: vm.extend({ disk: z.string(), size: z.string() }),
    needs: { on: "/vms/{vmid}", all: ["VM.Config.Disk"] },
    run: ({ disk, size, ...place }, call) => {
      const bytes = parseSize(size);
      if (bytes === undefined) throw invalid({ size: "value does not match the regex pattern" });
      return onVm("resize", place, call, (vm) => growDisk(call.cluster, vm, { disk, bytes }));
    },
  }),
  route("POST /nodes/{node}/qemu/{vmid}/status/start", {
    model: vm.extend({ timeout: whole.optional() }),
    needs: power,
    run: (place, call) => {
      if (vmOf(call.cluster, place).config.get("template") === 1)
        throw broken("you can't start a vm if it's a template");
      return onVm("qmstart", place, call, (vm, log) => start(call.cluster, vm, log));
    },
  }),
  route("POST /nodes/{node}/qemu/{vmid}/status/stop", {
    model: vm.extend({ timeout: whole.optional() }),
    needs: power,
    run: (place, call) => onVm("qmstop", place, call, (vm) => stop(call.cluster, vm)),
  }),
  route("POST /nodes/{node}/qemu/{vmid}/status/suspend", {
    model: vm,
    needs: power,
    run: (place, call) => onVm("qmpause", place, call, (vm) => hold(call.cluster, vm, true)),
  }),
  route("POST /nodes/{node}/qemu/{vmid}/status/resume", {
    model: vm,
    needs: power,
    run: (place, call) => onVm("qmresume", place, call, (vm) => hold(call.cluster, vm, false)),
  }),
  route("POST /nodes/{node}/qemu/{vmid}/status/shutdown", {
    model: vm.extend({ timeout: whole.optional(), forceStop: flag.optional() }),
    needs: power,
    run: (place, call) =>
      onVm("qmshutdown", place, call, (vm) => shutdown(call.cluster, vm, place.forceStop ?? false)),
  }),
];

const comingAndGoing = [
  route("POST /nodes/{node}/qemu", {
    model: settings,
    run: ({ node, vmid, pool, ...wanted }, caller) => {
      const { cluster, token } = caller;
      refuseUnknownPool(cluster, pool);
      demandCreation(caller, { node, vmid, pool }, wanted);
      refuseTaken(cluster, vmid);
      const name = { node, type: "qmcreate", id: String(vmid), user: token.id };
      return runTask(cluster, name, () => createVm(cluster, { node, vmid, pool }, wanted));
    },
  }),
  route("POST /nodes/{node}/qemu/{vmid}/clone", {
    model: vm.extend({
      newid: whole,
      full: flag.optional(),
      name: z.string().optional(),
      description: optional,
      pool: z.string().optional(),
    }),
    needs: copying,
    run: ({ newid, full, name, description, pool, ...place }, call) => {
      refuseUnknownPool(call.cluster, pool);
      demandCopy(call, vmOf(call.cluster, place));
      refuseTaken(call.cluster, newid);
      if (full !== true) throw invalid({ full: "the lab's storages make full clones only" });
      const named = {
        ...(name !== undefined && { name }),
        ...(description !== undefined && { description }),
      };
      return onVm("qmclone", place, call, (vm) => cloneVm(call.cluster, vm, { newid, pool, ...named }));
    },
  }),
  route("POST /nodes/{node}/qemu/{vmid}/template", {
    model: vm,
    needs: allocate,
    run: (place, call) => onVm("qmtemplate", place, call, (vm) => makeTemplate(call.cluster, vm)),
  }),
  route("POST /nodes/{node}/qemu/{vmid}/migrate", {
    model: vm.extend({ target: z.string(), "with-local-disks": flag.optional() }),
    needs: { on: "/vms/{vmid}", all: ["VM.Migrate"] },
    run: ({ target, "with-local-disks": withDisks, ...place }, call) => {
      if (target === place.node) throw invalid({ target: "target is local node." });
      if (vmOf(call.cluster, place).startedAt !== undefined)
        throw broken("can't migrate running VM without --online");
      if (withDisks !== true) throw broken("can't migrate local disk without --with-local-disks");
      return onVm("qmigrate", place, call, (vm) => migrateVm(call.cluster, vm, target));
    },
  }),
  route("DELETE /nodes/{node}/qemu/{vmid}", {
    model: vm.extend({ purge: flag.optional(), "destroy-unreferenced-disks": flag.optional() }),
    needs: allocate,
    run: ({ "destroy-unreferenced-disks": all, purge: _purge, ...place }, call) => {
      refuseDeletion(unlockedVm(call.cluster, place));
      return onVm("qmdestroy", place, call, (vm) => deleteVm(call.cluster, vm, all ?? false));
    },
  }),
];

export const qemuRoutes = [...reading, ...changing, ...comingAndGoing];

/** No privilege gives these: the real thing refuses even root's tokens, here whoever speaks for root@pam may. */
function refuseRootOnly(wanted: Readonly<Record<string, string | undefined>>, token: string): void {
  const named = [...Object.keys(wanted).filter((key) => wanted[key] !== undefined), ...removals(wanted)];
  const refused = ["args", "lock", "skiplock"].find((key) => named.includes(key));
  if (refused !== undefined && !token.startsWith("root@pam!"))
    throw broken(`only root can set '${refused}' config`);
}

/** Takes a lock away where `delete` names it, and gives what else is wanted. */
function unlocking(vm: Vm, wanted: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const gone = removals(wanted);
  if (!gone.includes("lock")) return wanted;
  delete vm.lock;
  return { ...wanted, delete: gone.filter((key) => key !== "lock").join(",") };
}

function refuseUnknownPool(cluster: Cluster, pool: string | undefined): void {
  if (pool !== undefined && !cluster.pools.has(pool))
    throw new Refusal(403, `Permission check failed (pool '${pool}' does not exist)`);
}

function removals(wanted: Readonly<Record<string, string | undefined>>): string[] {
  return wanted.delete?.split(/[,;\s]+/).filter((key) => key !== "") ?? [];
}

/** A task on a VM that nothing else holds. */
function onVm(
  type: string,
  place: Place,
  { cluster, token }: Caller,
  work: (vm: Vm, log: (line: string) => void) => void,
): string {
  const vm = unlockedVm(cluster, place);
  const name = { node: vm.node, type, id: String(vm.id), user: token.id };
  return runTask(cluster, name, (log) => work(vm, log));
}
