// Keeps the world's running machines wired as the cluster says, after whatever has changed.
import { mediaOf } from "./drives.ts";
import { lowerNics } from "./lower.ts";
import { machineId } from "./power.ts";
import type { Cluster } from "./state.ts";

/** Recomputes what every running VM is plugged into, and what is in its drive. */
export function relower(cluster: Cluster): void {
  for (const vm of cluster.vms.values()) {
    const machine = cluster.world.machines.get(machineId(vm.id));
    if (machine === undefined) continue;
    machine.nics = lowerNics(cluster, vm);
    machine.medium = mediaOf(cluster, vm)?.media?.medium;
  }
}
