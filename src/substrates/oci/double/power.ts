// Instances as machines of the world: what they are told at boot, and switching them on and off.
import { prefixOf } from "../../../world/address.ts";
import { boot, type Image } from "../../../world/boot.ts";
import { configure } from "../../../world/cloudconfig.ts";
import type { GuestSystem } from "../../../world/machine.ts";
import { lowerNic, machineId, routerOf } from "./lower.ts";
import { metadataFor } from "./metadata.ts";
import type { Instance, Tenancy } from "./state.ts";

/** From switching on to the services being up, in ms. */
const bootTime = 300;

/** Canonical's image on OCI: its packet filter lets in ping and SSH and rejects all else (/etc/iptables/rules.v4). */
const image: Image = {
  agent: false,
  forwarding: false,
  firewall: {
    input: [
      { action: "accept", protocol: "icmp" },
      { action: "accept", protocol: "tcp", port: 22 },
      { action: "reject", protocol: "any" },
    ],
    forward: [{ action: "reject", protocol: "any" }],
  },
};

/** Switches an instance on: it boots from its volume, or for the first time from its image. */
export function powerOn(tenancy: Tenancy, instance: Instance): void {
  const { world } = tenancy;
  const startedAt = world.now();
  const system = systemOf(tenancy, instance);
  instance.state = "RUNNING";
  instance.disk = system;
  const id = machineId(instance.id);
  world.machines.set(id, {
    id,
    substrate: "oci",
    label: labelOf(instance),
    startedAt,
    readyAt: startedAt + bootTime,
    nics: [lowerNic(tenancy, instance)],
    system,
    metadata: (request) => metadataFor(tenancy, instance, request),
  });
}

/** Switches an instance off; what is on its volume stays. */
export function powerOff({ world }: Tenancy, instance: Instance): void {
  const machine = world.machines.get(machineId(instance.id));
  if (machine !== undefined) instance.disk = structuredClone(machine.system);
  world.machines.delete(machineId(instance.id));
}

/** The logical name at the end of what it is called in the console. */
export function labelOf({ title }: Pick<Instance, "title">): string {
  return title.split("-").at(-1) ?? title;
}

/** As the image's cloud-init finds it at the metadata service: the instance-id is the instance's own. */
function systemOf(tenancy: Tenancy, instance: Instance): GuestSystem {
  const { disk, metadata, vnic } = instance;
  const subnet = tenancy.subnets.get(vnic.subnet);
  if (subnet === undefined) throw new TypeError(`${instance.id} has no subnet`);
  const keys = (metadata.ssh_authorized_keys ?? "").split("\n").filter((line) => line !== "");
  const seed = {
    datasource: "oracle",
    instanceId: instance.id,
    hostname: instance.title,
    userData: Buffer.from(metadata.user_data ?? "", "base64").toString(),
    users: { ubuntu: keys },
    nics: [{ address: `${vnic.address}/${prefixOf(subnet.cidr)}`, gateway: routerOf(subnet) }],
  };
  const system = boot(seed, disk, image);
  if (disk?.instanceId !== instance.id) configure(system);
  return system;
}
