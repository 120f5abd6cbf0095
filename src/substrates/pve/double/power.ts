// Switching VMs on and off: a cold start takes the settings that wait, writes the config drive and boots a guest.
import { boot, type Image } from "../../../world/boot.ts";
import { isAlive } from "../../../world/host.ts";
import type { Machine } from "../../../world/machine.ts";
import { bootDisk, mediaOf } from "./drives.ts";
import { lowerNics } from "./lower.ts";
import { writeMedia } from "./media.ts";
import { liveBridge } from "./network.ts";
import { nicsOf } from "./nics.ts";
import { broken } from "./refusal.ts";
import { applyPending } from "./settings.ts";
import type { Cluster, Vm, Volume } from "./state.ts";

/** From switching on to the guest's services being up, by the world's clock, in ms. */
const bootTime = 300;

/** The world's id of a VM's machine. */
export function machineId(vmid: number): string {
  return `pve/${vmid}`;
}

/** POST …/status/start, the work of its task. */
export function start(cluster: Cluster, vm: Vm, log: (line: string) => void): void {
  if (vm.startedAt !== undefined) throw broken(`VM ${vm.id} already running`);
  applyPending(cluster, vm);
  refuseMissingBridges(cluster, vm, log);
  writeMedia(cluster, vm);
  vm.startedAt = cluster.world.now();
  const disk = bootDisk(cluster, vm);
  if (disk?.image === undefined) log("no operating system found on the boot disk");
  else cluster.world.machines.set(machineId(vm.id), bootFrom(cluster, vm, { disk, image: disk.image }));
}

/** POST …/status/stop, the work of its task. Stopping what is off is no error. */
export function stop(cluster: Cluster, vm: Vm): void {
  delete vm.startedAt;
  delete vm.paused;
  cluster.world.machines.delete(machineId(vm.id));
}

/**
 * POST …/status/shutdown, the work of its task: the guest is asked. One that does not answer is switched off only
 * when that was asked for; the lab does not sit the timeout out first.
 */
export function shutdown(cluster: Cluster, vm: Vm, force: boolean): void {
  if (vm.startedAt === undefined) throw broken(`VM ${vm.id} not running`);
  if (!force && !answers(cluster, vm)) throw broken("VM quit/powerdown failed - got timeout");
  stop(cluster, vm);
}

/** POST …/status/suspend and …/status/resume, the work of their tasks: a VM that is on stands still, or goes on. */
export function hold(cluster: Cluster, vm: Vm, paused: boolean): void {
  if (vm.startedAt === undefined) throw broken(`VM ${vm.id} not running`);
  if (paused) vm.paused = true;
  else delete vm.paused;
  const machine = cluster.world.machines.get(machineId(vm.id));
  if (machine !== undefined) machine.paused = paused;
}

/** Whether a VM's guest is up and answers anything. */
export function answers(cluster: Cluster, vm: Vm): boolean {
  const machine = cluster.world.machines.get(machineId(vm.id));
  return machine !== undefined && isAlive(cluster.world, machine);
}

function bootFrom(cluster: Cluster, vm: Vm, { disk, image }: { disk: Volume; image: Image }): Machine {
  const startedAt = cluster.world.now();
  const media = mediaOf(cluster, vm)?.media;
  disk.system = boot(media?.seed, disk.system, image);
  return {
    id: machineId(vm.id),
    substrate: "pve",
    label: String(vm.config.get("name") ?? `VM ${vm.id}`),
    startedAt,
    readyAt: startedAt + bootTime,
    nics: lowerNics(cluster, vm),
    medium: media?.medium,
    system: disk.system,
  };
}

/** QEMU's network script finds no bridge to plug into (qemu-server, pve-bridge). */
function refuseMissingBridges(cluster: Cluster, vm: Vm, log: (line: string) => void): void {
  const missing = nicsOf(vm.config).find(
    ({ bridge }) => bridge !== undefined && liveBridge(cluster, vm.node, bridge) === undefined,
  );
  if (missing === undefined) return;
  log(`bridge '${missing.bridge}' does not exist`);
  throw broken("start failed: QEMU exited with code 1");
}
