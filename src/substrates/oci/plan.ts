// The plan of an OCI certification: gates, what OCI tells, then what only the guests themselves can tell.
import type { Check } from "../../check/check.ts";
import type { Power } from "../../check/chorus.ts";
import { planGuests } from "../cloud/plan.ts";
import type { CloudGuest } from "../cloud/topology.ts";
import { digestOf } from "../cloud/userdata.ts";
import type { Seen } from "../seen.ts";
import type { Sight } from "../substrate.ts";
import { capacityChecks } from "./checks/capacity.ts";
import { gate, gateChecks } from "./checks/gates.ts";
import { ociGuestChecks } from "./checks/guests.ts";
import { networkChecks } from "./checks/network.ts";
import { ociScopeChecks } from "./checks/scope.ts";
import type { OciConfig } from "./config.ts";
import { guestDataOf } from "./metadata.ts";
import { isStarting, Scene } from "./scene.ts";

/** All checks of an OCI substrate, gates first. */
export function planOci(config: OciConfig, sight: Sight, seen: Seen): readonly Check[] {
  const scene = new Scene(config, sight, seen);
  const guests = planGuests(
    {
      config,
      ...{ own: "oci", sight },
      gate,
      subnet: config.network.subnet,
      datasource: ["oracle"],
      digest: (guest) => digestOf(guestDataOf(config, guest)),
      instance: async (guest, signal) => (await scene.instance(guest, signal))?.id,
      publicAddress: async (guest, signal) => (await scene.address(guest, signal))?.ipAddress,
      power: (guest, signal) => powerOf(scene, guest, signal),
    },
    (inside) => ociGuestChecks(scene, inside),
  );
  return [
    ...gateChecks(scene),
    ...capacityChecks(scene),
    ...networkChecks(scene),
    ...ociScopeChecks(scene),
    ...guests,
  ];
}

/** OCI does not tell when an instance was last started. */
async function powerOf(scene: Scene, guest: CloudGuest, signal: AbortSignal): Promise<Power> {
  const instance = await scene.instance(guest, signal);
  return { running: instance?.state === "RUNNING", starting: isStarting(instance) };
}
