// `azure-native:resources:ResourceGroup`.
import type { GetResourceGroupResult } from "@pulumi/azure-native/resources/getResourceGroup.js";
import { z } from "zod";
import type { Properties } from "../../../double.ts";
import { powerOff } from "../power.ts";
import { type Kind, resourceOf, type Told } from "../resource.ts";
import type { Subscription } from "../state.ts";
import { byId, groupIdOf, put, thingsOf } from "../subscription.ts";
import { tags } from "./common.ts";

const inputs = z.object({ resourceGroupName: z.string().max(90), location: z.string(), tags });

const groupKind: Kind<typeof inputs> = {
  inputs,
  type: "Microsoft.Resources/subscriptions/resourceGroups",
  version: "2024-03-01",
  names: ["resourceGroupName"],
  replaces: ["location"],
  given: ["name", "type", "properties"],
  idOf: (subscription, { resourceGroupName }) => groupIdOf(subscription, resourceGroupName),
  put(subscription, id, { resourceGroupName: name, location, tags: own = {} }) {
    const known = byId(subscription.groups, id);
    if (known === undefined) put(subscription.groups, { id, name, location, tags: own });
    else known.tags = own;
  },
  told(subscription, id): (Told<GetResourceGroupResult> & Properties) | undefined {
    const group = byId(subscription.groups, id);
    if (group === undefined) return undefined;
    const { name, location, tags: own } = group;
    return {
      ...{ id, name, location, tags: { ...own }, type: "Microsoft.Resources/resourceGroups" },
      properties: { provisioningState: "Succeeded" },
    };
  },
  remove: removeGroup,
};

/** With everything that is in it. */
function removeGroup(subscription: Subscription, id: string): void {
  const group = byId(subscription.groups, id);
  if (group === undefined) return;
  const own = thingsOf(subscription).filter((thing) => thing.group === group.name);
  const { networks, tables, securities, keys, addresses, nics, disks, machines } = subscription;
  for (const machine of machines.values()) if (machine.group === group.name) powerOff(subscription, machine);
  for (const { id: thing } of own)
    for (const map of [networks, tables, securities, keys, addresses, nics, disks, machines])
      map.delete(thing.toLowerCase());
  subscription.groups.delete(id.toLowerCase());
}

/** As a double. */
export const group = resourceOf(groupKind);
