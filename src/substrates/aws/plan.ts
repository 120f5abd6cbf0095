// The plan of an AWS certification: gates, what EC2 tells, then what only the guests themselves can tell.
import type { Check } from "../../check/check.ts";
import type { Power } from "../../check/chorus.ts";
import { planGuests } from "../cloud/plan.ts";
import type { CloudGuest } from "../cloud/topology.ts";
import { digestOf, userDataOf } from "../cloud/userdata.ts";
import type { Seen } from "../seen.ts";
import type { Sight } from "../substrate.ts";
import { capacityChecks } from "./checks/capacity.ts";
import { gate, gateChecks } from "./checks/gates.ts";
import { awsGuestChecks } from "./checks/guests.ts";
import { networkChecks } from "./checks/network.ts";
import { awsScopeChecks } from "./checks/scope.ts";
import type { AwsConfig } from "./config.ts";
import { isStarting, Scene } from "./scene.ts";

/** All checks of an AWS substrate, gates first. */
export function planAws(config: AwsConfig, sight: Sight, seen: Seen): readonly Check[] {
  const scene = new Scene(config, sight, seen);
  const guests = planGuests(
    {
      config,
      ...{ own: "aws", sight },
      gate,
      subnet: config.network.subnet,
      // The second where the first stage has found it already, without a network.
      datasource: ["ec2", "ec2local"],
      digest: (guest) => digestOf(userDataOf(guest, config.responders)),
      instance: async (guest, signal) => (await scene.instance(guest, signal))?.id,
      publicAddress: async (guest, signal) => (await scene.address(guest, signal))?.publicIp,
      power: (guest, signal) => powerOf(scene, guest, signal),
    },
    (inside) => awsGuestChecks(scene, inside),
  );
  return [
    ...gateChecks(scene),
    ...capacityChecks(scene),
    ...networkChecks(scene),
    ...awsScopeChecks(scene),
    ...guests,
  ];
}

/** Since its last start. */
async function powerOf(scene: Scene, guest: CloudGuest, signal: AbortSignal): Promise<Power> {
  const instance = await scene.instance(guest, signal);
  if (instance === undefined) return { running: false };
  const running = instance.instanceState === "running";
  return { running, starting: isStarting(instance), uptime: Date.now() - Date.parse(instance.launchTime) };
}
