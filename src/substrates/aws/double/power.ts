// Instances as machines of the world: what they are told at boot, and switching them on and off.
import { prefixOf } from "../../../world/address.ts";
import { boot } from "../../../world/boot.ts";
import { configure } from "../../../world/cloudconfig.ts";
import type { GuestSystem } from "../../../world/machine.ts";
import { gatewayOf, lowerNic, machineId } from "./lower.ts";
import { metadataOf } from "./metadata.ts";
import type { Account, Instance } from "./state.ts";

/** From switching on to the services being up, in ms. */
const bootTime = 300;

/** Switches an instance on: it boots from its disk, or for the first time from its image. */
export function powerOn(account: Account, instance: Instance): void {
  const { world } = account;
  const startedAt = world.now();
  const system = systemOf(account, instance);
  instance.state = "running";
  instance.launchedAt = startedAt;
  instance.disk = system;
  world.machines.set(machineId(instance.id), {
    id: machineId(instance.id),
    substrate: "aws",
    label: labelOf(instance),
    startedAt,
    readyAt: startedAt + bootTime,
    nics: [lowerNic(account, instance)],
    system,
    metadata: (request) => metadataOf(account, instance, request),
  });
}

/** Switches an instance off; what is on its disk stays. */
export function powerOff({ world }: Account, instance: Instance): void {
  const machine = world.machines.get(machineId(instance.id));
  if (machine !== undefined) instance.disk = structuredClone(machine.system);
  world.machines.delete(machineId(instance.id));
}

/** The logical name at the end of what it is called in the console. */
export function labelOf({ id, tags }: Pick<Instance, "id" | "tags">): string {
  return tags.Name?.split("-").at(-1) ?? id;
}

/** As the image's cloud-init finds it at the metadata service: the instance-id is the instance's own. */
function systemOf(account: Account, instance: Instance): GuestSystem {
  const { disk } = instance;
  const subnet = account.subnets.get(instance.subnet);
  if (subnet === undefined) throw new TypeError(`${instance.id} has no subnet`);
  const key = [...account.keys.values()].find(({ name }) => name === instance.key);
  const seed = {
    datasource: "ec2local",
    instanceId: instance.id,
    hostname: `ip-${instance.address.replaceAll(".", "-")}`,
    userData: instance.userData,
    users: { ubuntu: key === undefined ? [] : [key.publicKey] },
    nics: [{ address: `${instance.address}/${prefixOf(subnet.cidr)}`, gateway: gatewayOf(subnet) }],
  };
  const system = boot(seed, disk, { agent: false, forwarding: false });
  if (disk?.instanceId !== instance.id) configure(system);
  return system;
}
