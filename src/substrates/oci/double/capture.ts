// Remembering one thing of a tenancy, by the engine's type and id, and putting exactly that back.
import { entry, type Restore, type Ways } from "../../cloud/capture.ts";
import { machineId } from "./lower.ts";
import { powerOff, powerOn } from "./power.ts";
import type { Instance, Tenancy } from "./state.ts";

/** By the type's token. */
export const ways: Ways<Tenancy> = {
  "oci:Core/instance:Instance": captureInstance,
  "oci:Core/internetGateway:InternetGateway": ({ gateways }, id) => entry(gateways, id, titled),
  "oci:Core/publicIp:PublicIp": ({ addresses }, id) => entry(addresses, id, titled),
  "oci:Core/routeTable:RouteTable": ({ tables }, id) => entry(tables, id, titled),
  "oci:Core/securityList:SecurityList": ({ lists }, id) => entry(lists, id, titled),
  "oci:Core/subnet:Subnet": ({ subnets }, id) => entry(subnets, id, titled),
  "oci:Core/vcn:Vcn": ({ vcns }, id) => entry(vcns, id, titled),
};

/** What a thing is called, whatever its id. */
function titled({ title }: { readonly title: string }): string {
  return title;
}

/** With its disk, its volume and its public address; it runs again where it ran. */
function captureInstance(tenancy: Tenancy, id: string): Restore {
  const running = tenancy.world.machines.get(machineId(id));
  const own = tenancy.instances.get(id);
  const before: Instance | undefined = own && structuredClone({ ...own, disk: running?.system ?? own.disk });
  const volume = entry(tenancy.volumes, own?.volume ?? "", ({ id: each }) => each);
  const bound = [...tenancy.addresses.values()].filter(({ privateIp }) => privateIp === own?.vnic.privateIp);
  const addresses = bound.map((address) => entry(tenancy.addresses, address.id, titled));
  return () => {
    const now = tenancy.instances.get(id);
    const others = [...tenancy.instances.values()].filter(({ state }) => state !== "TERMINATED");
    if (others.some((other) => other.id !== id && other.vnic.address === before?.vnic.address)) return;
    if (now !== undefined) powerOff(tenancy, now);
    tenancy.instances.delete(id);
    if (before === undefined) return;
    for (const restore of [volume, ...addresses]) restore();
    const again = structuredClone(before);
    tenancy.instances.set(id, again);
    if (again.state === "RUNNING") powerOn(tenancy, again);
  };
}
