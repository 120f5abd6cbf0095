// What somebody else has in the same subscription, and had before we came: no tag of ours is on it.
import type { Machine, Subscription } from "./state.ts";
import { groupIdOf, newMac, newUuid, put, thingIdOf } from "./subscription.ts";

/** A network with one machine, which is deallocated. */
export function settle(subscription: Subscription): void {
  const { location } = subscription;
  const tags = { Project: "something-else" };
  const group = "production";
  put(subscription.groups, { id: groupIdOf(subscription, group), name: group, location, tags });
  const thing = (type: string, name: string) => {
    const id = thingIdOf(subscription, group, `${type}/${name}`);
    return { id, type, name, group, location, tags };
  };
  const network = {
    ...thing("Microsoft.Network/virtualNetworks", "production"),
    prefixes: ["172.31.0.0/16"],
  };
  const subnet = `${network.id}/subnets/default`;
  put(subscription.networks, network);
  put(subscription.subnets, {
    ...{ id: subnet, name: "default", network: network.id, prefix: "172.31.0.0/20" },
    ...{ security: undefined, table: undefined, outbound: true },
  });
  const nic = thing("Microsoft.Network/networkInterfaces", "database");
  put(subscription.nics, {
    ...{ ...nic, mac: newMac(subscription), configuration: "primary", subnet, address: "172.31.0.10" },
    ...{ publicAddress: undefined, security: undefined, forwards: false, accelerated: true },
  });
  const head = thing("Microsoft.Compute/virtualMachines", "database");
  const disk = {
    ...thing("Microsoft.Compute/disks", "database"),
    size: 64,
    sku: "Premium_LRS",
    machine: head.id,
  };
  put(subscription.disks, disk);
  const machine: Machine = {
    ...{ ...head, vmId: newUuid(subscription), zones: [], disk: disk.id, deletesDisk: false },
    image: { publisher: "Canonical", offer: "ubuntu-24_04-lts", sku: "server", version: "24.04.202510220" },
    ...{ computerName: "database", user: "dba", keys: [], customData: "", userData: undefined, createdAt: 0 },
    ...{ shape: "Standard_B2s", nics: [{ id: nic.id, deleteOption: "Detach" }] },
    ...{ power: "deallocated", provisionedAt: 0 },
  };
  put(subscription.machines, machine);
}
