// The plan of an Azure certification: gates, what Azure tells, then what only the guests themselves can tell.
import type { Check } from "../../check/check.ts";
import { planGuests } from "../cloud/plan.ts";
import { digestOf, userDataOf } from "../cloud/userdata.ts";
import type { Seen } from "../seen.ts";
import type { Sight } from "../substrate.ts";
import { capacityChecks } from "./checks/capacity.ts";
import { gate, gateChecks } from "./checks/gates.ts";
import { azureGuestChecks } from "./checks/guests.ts";
import { networkChecks } from "./checks/network.ts";
import { azureScopeChecks } from "./checks/scope.ts";
import type { AzureConfig } from "./config.ts";
import { instanceIdOf } from "./instance.ts";
import { powerOf, Scene } from "./scene.ts";

/** All checks of an Azure substrate, gates first. */
export function planAzure(config: AzureConfig, sight: Sight, seen: Seen): readonly Check[] {
  const scene = new Scene(config, sight, seen);
  const guests = planGuests(
    {
      config,
      ...{ own: "azure", sight },
      gate,
      subnet: config.network.subnet,
      datasource: ["azure"],
      digest: (guest) => digestOf(userDataOf(guest, config.responders)),
      instance: async (guest, signal) => {
        const machine = await scene.machine(guest, signal);
        return machine && instanceIdOf(machine.vmId, config.image.generation);
      },
      publicAddress: async (guest, signal) => (await scene.address(guest, signal))?.ipAddress,
      power: async (guest, signal) => {
        const machine = await scene.machine(guest, signal);
        return machine === undefined ? { running: false } : powerOf(machine);
      },
    },
    (inside) => azureGuestChecks(scene, inside),
  );
  return [
    ...gateChecks(scene),
    ...capacityChecks(scene),
    ...networkChecks(scene),
    ...azureScopeChecks(scene),
    ...guests,
  ];
}
