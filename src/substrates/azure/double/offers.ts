// What Azure offers a subscription whatever it has made of that: places, limits, sizes and images.
import { ArmError } from "./errors.ts";
import type { Size, Subscription } from "./state.ts";
import { usageOf } from "./usage.ts";

/** What a request names in its path, and its filter. */
export type Asked = { readonly names: Readonly<Record<string, string>>; readonly filter: string };

/** Those that the caller sees. */
export function subscriptions({ id, tenant, state }: Subscription): unknown {
  // Whoever works for several people sees several.
  const other = "11112222-bbbb-3333-cccc-4444dddd5555";
  return [
    {
      id: `/subscriptions/${other}`,
      subscriptionId: other,
      tenantId: tenant,
      displayName: "Sandbox",
      state: "Enabled",
    },
    { id: `/subscriptions/${id}`, subscriptionId: id, tenantId: tenant, displayName: "Lab", state },
  ];
}

/** Where the subscription may have things. */
export function locations({ id, location }: Subscription): unknown {
  return ["northeurope", "germanywestcentral", "francecentral", "swedencentral", location].map((name) => ({
    ...{ id: `/subscriptions/${id}/locations/${name}`, name, type: "Region", displayName: name },
    availabilityZoneMappings: ["1", "2", "3"].map((zone) => ({
      logicalZone: zone,
      physicalZone: `${name}-az${zone}`,
    })),
  }));
}

/** What is used of the limits of one provider in a location. */
export function usages(
  subscription: Subscription,
  { names: { provider = "", location = "" } }: Asked,
): unknown {
  if (location !== subscription.location) throw new ArmError(400, "InvalidLocation", location);
  const own = subscription.limits.filter((limit) => limit.provider.toLowerCase() === provider.toLowerCase());
  return own.map((limit) => ({
    name: { value: limit.name, localizedValue: limit.name },
    ...{ currentValue: usageOf(subscription, limit), limit: limit.limit, unit: "Count" },
  }));
}

/** What is sold in a location. */
export function skus({ sizes, location }: Subscription, { filter }: Asked): unknown {
  if (filter !== "" && filter !== `location eq '${location}'`) return [];
  const disks = ["Standard_LRS", "StandardSSD_LRS", "Premium_LRS"].map((name) => ({
    ...{ resourceType: "disks", name, locations: [location], locationInfo: [{ location, zones: [] }] },
    ...{ capabilities: [], restrictions: [] },
  }));
  return [...disks, ...sizes.map((size) => skuOf(size, location))];
}

function skuOf({ name, family, vcpus, generations, zones, restricted }: Size, location: string) {
  return {
    ...{ resourceType: "virtualMachines", name, family, locations: [location], tier: "Standard" },
    locationInfo: [{ location, zones: [...zones], zoneDetails: [] }],
    capabilities: [
      { name: "vCPUs", value: String(vcpus) },
      { name: "HyperVGenerations", value: generations.join(",") },
      { name: "CpuArchitectureType", value: "x64" },
    ],
    restrictions: restricted
      ? [
          {
            ...{ type: "Location", values: [location], reasonCode: "NotAvailableForSubscription" },
            restrictionInfo: { locations: [location] },
          },
        ]
      : [],
  };
}

/** One version of an image. */
export function image(subscription: Subscription, { names }: Asked): unknown {
  const { publisher = "", offer = "", sku = "", version = "", location = "" } = names;
  const found = subscription.images.find(
    (one) =>
      [one.publisher, one.offer, one.sku, one.version].join("/").toLowerCase() ===
      [publisher, offer, sku, version].join("/").toLowerCase(),
  );
  if (found === undefined || found.state === "Withdrawn" || location !== subscription.location)
    throw new ArmError(404, "NotFound", `Artifact: VMImage was not found: ${version}.`);
  return {
    ...{ id: names.version, name: found.version, location },
    properties: {
      ...{ hyperVGeneration: found.generation, architecture: found.architecture },
      osDiskImage: { operatingSystem: "Linux", sizeInGb: 30 },
      imageDeprecationStatus: { imageState: found.state },
    },
  };
}
