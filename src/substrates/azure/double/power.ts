// Virtual machines as machines of the world: what they are told at boot, and switching them on and off.
import { prefixOf } from "../../../world/address.ts";
import { boot } from "../../../world/boot.ts";
import { configure } from "../../../world/cloudconfig.ts";
import type { GuestSystem } from "../../../world/machine.ts";
import { instanceIdOf } from "../instance.ts";
import { gatewayOf, lowerNics, machineId } from "./lower.ts";
import { metadataOf } from "./metadata.ts";
import type { Machine, Subscription } from "./state.ts";
import { byId } from "./subscription.ts";

/** From switching on to the services being up, in ms. */
const bootTime = 300;

/** Starts a machine: it boots from its disk, or for the first time from its image. */
export function powerOn(subscription: Subscription, machine: Machine): void {
  const { world } = subscription;
  const startedAt = world.now();
  const system = systemOf(subscription, machine);
  machine.power = "running";
  machine.provisionedAt = startedAt;
  machine.system = system;
  world.machines.set(machineId(machine), {
    id: machineId(machine),
    substrate: "azure",
    label: machine.computerName,
    startedAt,
    readyAt: startedAt + bootTime,
    nics: lowerNics(subscription, machine),
    system,
    metadata: (request) => metadataOf(subscription, machine, request),
  });
}

/** Stops a machine; what is on its disk stays. */
export function powerOff({ world }: Subscription, machine: Machine): void {
  const running = world.machines.get(machineId(machine));
  if (running !== undefined) machine.system = structuredClone(running.system);
  world.machines.delete(machineId(machine));
}

/** As the image's cloud-init finds it: custom data first, else user data (canonical/cloud-init, DataSourceAzure). */
function systemOf(subscription: Subscription, machine: Machine): GuestSystem {
  const { system: disk, image } = machine;
  const known = subscription.images.find(({ version }) => version === image.version);
  const given = machine.customData === "" ? (machine.userData ?? "") : machine.customData;
  const seed = {
    datasource: "azure",
    instanceId: instanceIdOf(machine.vmId, known?.generation ?? "V2"),
    hostname: machine.computerName,
    userData: Buffer.from(given, "base64").toString(),
    users: { [machine.user]: machine.keys.map(({ keyData }) => keyData) },
    nics: machine.nics.flatMap(({ id }) => {
      const nic = byId(subscription.nics, id);
      const subnet = byId(subscription.subnets, nic?.subnet);
      if (nic === undefined || subnet === undefined) return [];
      return [{ address: `${nic.address}/${prefixOf(subnet.prefix)}`, gateway: gatewayOf(subnet) }];
    }),
  };
  const system = boot(seed, disk, { agent: false, forwarding: false });
  if (disk?.instanceId !== seed.instanceId) configure(system);
  return system;
}
