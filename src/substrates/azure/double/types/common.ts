// What is the same for many types: tags, places, and what a thing tells of itself.
import { z } from "zod";
import { ArmError, present } from "../errors.ts";
import type { Subscription, Tags, Thing } from "../state.ts";
import { groupOf, thingIdOf } from "../subscription.ts";

/** Tags as inputs. */
export const tags = z.record(z.string(), z.string()).optional();

/** A reference to another thing. */
export const reference = z.object({ id: z.string() });

/** Inputs of whatever stands in a resource group. */
export const placed = { resourceGroupName: z.string(), location: z.string(), tags };

/** A new thing's head, in a resource group that must be there and a location that must be ours. */
export function headOf(
  subscription: Subscription,
  type: string,
  wanted: { readonly resourceGroupName: string; readonly location: string; readonly tags?: Tags | undefined },
  name: string,
): Thing {
  const group = present(groupOf(subscription, wanted.resourceGroupName), () => {
    const text = `Resource group '${wanted.resourceGroupName}' could not be found.`;
    return new ArmError(404, "ResourceGroupNotFound", text);
  });
  if (wanted.location.toLowerCase().replaceAll(" ", "") !== subscription.location)
    throw new ArmError(
      400,
      "LocationNotAvailableForResourceType",
      `The provided location '${wanted.location}' is not available for resource type '${type}'.`,
    );
  const id = thingIdOf(subscription, group.name, `${type}/${name}`);
  return { id, type, name, group: group.name, location: subscription.location, tags: wanted.tags ?? {} };
}

/** What every thing tells of itself. */
export function headTold({ id, name, type, location, tags: own }: Thing) {
  return { id, name, type, location, tags: { ...own } };
}

/** The same for those of the network, which also tell how their making went. */
export function networkTold(thing: Thing) {
  return {
    ...headTold(thing),
    provisioningState: "Succeeded",
    etag: 'W/"00000000-0000-0000-0000-000000000000"',
  };
}

/** Something else stands on it. */
export function inUse(code: string, id: string): ArmError {
  return new ArmError(400, code, `${id} is in use and cannot be deleted.`);
}
