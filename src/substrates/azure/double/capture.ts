// Remembering one thing, by the engine's type and id, and putting exactly that back.
import { entry, type Restore, type Ways } from "../../cloud/capture.ts";
import { machineId } from "./lower.ts";
import { powerOff, powerOn } from "./power.ts";
import type { Machine, Subscription } from "./state.ts";
import { byId, put } from "./subscription.ts";

/** An id tells the place: nothing else can ever take it. */
function kept<V extends { readonly id: string }>(map: (subscription: Subscription) => Map<string, V>) {
  return (subscription: Subscription, id: string) =>
    entry(map(subscription), id.toLowerCase(), (thing) => thing.id.toLowerCase());
}

/** By the type's token. */
export const ways: Ways<Subscription> = {
  "azure-native:compute:SshPublicKey": kept(({ keys }) => keys),
  "azure-native:compute:VirtualMachine": captureMachine,
  "azure-native:network:NetworkInterface": kept(({ nics }) => nics),
  "azure-native:network:NetworkSecurityGroup": kept(({ securities }) => securities),
  "azure-native:network:PublicIPAddress": kept(({ addresses }) => addresses),
  "azure-native:network:RouteTable": kept(({ tables }) => tables),
  "azure-native:network:Subnet": kept(({ subnets }) => subnets),
  "azure-native:network:VirtualNetwork": kept(({ networks }) => networks),
  "azure-native:resources:ResourceGroup": kept(({ groups }) => groups),
};

/** With its disk; it runs again where it ran. One that was made anew since is left alone. */
function captureMachine(subscription: Subscription, id: string): Restore {
  const own = byId(subscription.machines, id);
  const running = own && subscription.world.machines.get(machineId(own));
  const before: Machine | undefined =
    own && structuredClone({ ...own, system: running?.system ?? own.system });
  const disk = entry(subscription.disks, own?.disk.toLowerCase() ?? "", ({ id: each }) => each);
  return () => {
    const now = byId(subscription.machines, id);
    if (now !== undefined && now.vmId !== before?.vmId) return;
    if (now !== undefined) powerOff(subscription, now);
    subscription.machines.delete(id.toLowerCase());
    if (before === undefined) return;
    disk();
    const again = structuredClone(before);
    put(subscription.machines, again);
    if (again.power === "running") powerOn(subscription, again);
  };
}
