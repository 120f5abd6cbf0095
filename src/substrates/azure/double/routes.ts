// What can be asked of the lab's resource manager, line by line, each computed from the subscription.

import { ArmError, notFound, present } from "./errors.ts";
import { effectiveRoutes } from "./routing.ts";
import type { Size, Subnet, Subscription, Tags } from "./state.ts";
import { byId, groupOf, thingIdOf, thingsOf } from "./subscription.ts";
import { usageOf } from "./usage.ts";

/** What a request names in its path, and its filter. */
type Asked = { readonly names: Readonly<Record<string, string>>; readonly filter: string };

/** One line of the API. */
type Route = {
  readonly method: "GET" | "POST";
  readonly pattern: RegExp;
  /** What a caller must be allowed to do. */
  readonly operation: string;
  /** One thing, a list in pages, or something that is worked out. */
  readonly kind: "one" | "list" | "later";
  readonly answer: (subscription: Subscription, asked: Asked) => unknown;
};

/** Names of providers and kinds are the same in any case. */
function at(text: string): RegExp {
  const source = text.replaceAll(".", "\\.").replaceAll(/\{(\w+)\}/g, "(?<$1>[^/]+)");
  return new RegExp(`^${source}$`, "i");
}

const below = "/subscriptions/{subscription}";
const nic = `${below}/resourceGroups/{group}/providers/Microsoft.Network/networkInterfaces/{nic}`;
const images = `${below}/providers/Microsoft.Compute/locations/{location}/publishers/{publisher}/artifacttypes/vmimage`;

/** All of them. */
export const routes: readonly Route[] = [
  {
    ...{ method: "GET", pattern: at("/subscriptions"), kind: "list" },
    operation: "Microsoft.Resources/subscriptions/read",
    answer: subscriptions,
  },
  {
    ...{ method: "GET", pattern: at(`${below}/locations`), kind: "list" },
    operation: "Microsoft.Resources/subscriptions/locations/read",
    answer: locations,
  },
  {
    ...{ method: "GET", pattern: at(`${below}/providers/{namespace}`), kind: "one" },
    operation: "Microsoft.Resources/subscriptions/providers/read",
    answer: ({ providers }, { names: { namespace = "" } }) => ({
      ...{ namespace, registrationPolicy: "RegistrationRequired" },
      registrationState: providers.get(namespace) ?? "NotRegistered",
    }),
  },
  {
    ...{
      method: "GET",
      pattern: at(`${below}/providers/Microsoft.{provider}/locations/{location}/usages`),
      kind: "list",
    },
    operation: "Microsoft.Compute/locations/usages/read",
    answer: usages,
  },
  {
    ...{ method: "GET", pattern: at(`${below}/providers/Microsoft.Compute/skus`), kind: "list" },
    operation: "Microsoft.Compute/skus/read",
    answer: skus,
  },
  {
    ...{ method: "GET", pattern: at(`${images}/offers/{offer}/skus/{sku}/versions/{version}`), kind: "one" },
    operation: "Microsoft.Compute/locations/publishers/artifacttypes/offers/skus/versions/read",
    answer: image,
  },
  {
    ...{ method: "GET", pattern: at(`${below}/resourcegroups`), kind: "list" },
    operation: "Microsoft.Resources/subscriptions/resourceGroups/read",
    answer: ({ groups }, { filter }) =>
      [...groups.values()].filter(({ tags }) => fits(tags, filter)).map((group) => ({ ...group })),
  },
  {
    ...{ method: "GET", pattern: at(`${below}/resourceGroups/{group}`), kind: "one" },
    operation: "Microsoft.Resources/subscriptions/resourceGroups/read",
    answer: (subscription, { names: { group = "" } }) => ({
      ...present(groupOf(subscription, group), () => noGroup(group)),
      properties: { provisioningState: "Succeeded" },
    }),
  },
  {
    ...{ method: "GET", pattern: at(`${below}/resources`), kind: "list" },
    operation: "Microsoft.Resources/subscriptions/resources/read",
    answer: (subscription, { filter }) => things(subscription, ({ tags }) => fits(tags, filter)),
  },
  {
    ...{ method: "GET", pattern: at(`${below}/resourceGroups/{group}/resources`), kind: "list" },
    operation: "Microsoft.Resources/subscriptions/resourceGroups/resources/read",
    answer: (subscription, { names: { group = "" } }) => {
      const { name } = present(groupOf(subscription, group), () => noGroup(group));
      return things(subscription, (thing) => thing.group === name);
    },
  },
  {
    ...{ method: "POST", pattern: at(`${nic}/effectiveRouteTable`), kind: "later" },
    operation: "Microsoft.Network/networkInterfaces/effectiveRouteTable/action",
    answer: (subscription, asked) => ({
      value: routesAt(subscription, interfaceOf(subscription, asked).subnet),
    }),
  },
  {
    ...{ method: "POST", pattern: at(`${nic}/effectiveNetworkSecurityGroups`), kind: "later" },
    operation: "Microsoft.Network/networkInterfaces/effectiveNetworkSecurityGroups/action",
    answer: (subscription, asked) => ({ value: groupsAt(subscription, interfaceOf(subscription, asked)) }),
  },
];

function noGroup(name: string): ArmError {
  return new ArmError(404, "ResourceGroupNotFound", `Resource group '${name}' could not be found.`);
}

function subscriptions({ id, tenant, state }: Subscription): unknown {
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

function locations({ id, location }: Subscription): unknown {
  return ["northeurope", "germanywestcentral", "francecentral", "swedencentral", location].map((name) => ({
    ...{ id: `/subscriptions/${id}/locations/${name}`, name, type: "Region", displayName: name },
    availabilityZoneMappings: ["1", "2", "3"].map((zone) => ({
      logicalZone: zone,
      physicalZone: `${name}-az${zone}`,
    })),
  }));
}

function usages(subscription: Subscription, { names: { provider = "", location = "" } }: Asked): unknown {
  if (location !== subscription.location) throw new ArmError(400, "InvalidLocation", location);
  const own = subscription.limits.filter((limit) => limit.provider.toLowerCase() === provider.toLowerCase());
  return own.map((limit) => ({
    name: { value: limit.name, localizedValue: limit.name },
    ...{ currentValue: usageOf(subscription, limit), limit: limit.limit, unit: "Count" },
  }));
}

function skus({ sizes, location }: Subscription, { filter }: Asked): unknown {
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

function image(subscription: Subscription, { names }: Asked): unknown {
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

function things(
  subscription: Subscription,
  is: (thing: { readonly tags: Tags; readonly group: string }) => boolean,
): unknown {
  const found = thingsOf(subscription).filter(is);
  return found.map(({ id, name, type, location, tags }) => ({ id, name, type, location, tags }));
}

/** `tagName eq 'k'` and, if so asked, `tagValue eq 'v'`: names in any case, values as they are. */
function fits(tags: Tags, filter: string): boolean {
  if (filter === "") return true;
  const [, name, value] = /^tagName eq '([^']+)'(?: and tagValue eq '([^']*)')?$/.exec(filter) ?? [];
  if (name === undefined)
    throw new ArmError(400, "InvalidFilterInQueryString", `Invalid $filter '${filter}'.`);
  return Object.entries(tags).some(
    ([key, own]) => key.toLowerCase() === name.toLowerCase() && (value === undefined || own === value),
  );
}

/** An interface whose machine runs: for another nothing is worked out. */
function interfaceOf(subscription: Subscription, { names: { group = "", nic: name = "" } }: Asked) {
  const id = thingIdOf(subscription, group, `Microsoft.Network/networkInterfaces/${name}`);
  const found = present(byId(subscription.nics, id), () => notFound(id));
  const machine = [...subscription.machines.values()].find(({ nics }) =>
    nics.some((one) => one.id === found.id),
  );
  if (machine?.power !== "running")
    throw new ArmError(
      400,
      "NetworkInterfaceNotAttachedToRunningVM",
      `${name} is not attached to a running VM.`,
    );
  return {
    ...found,
    subnet: present(byId(subscription.subnets, found.subnet), () => notFound(found.subnet)),
  };
}

function routesAt(subscription: Subscription, subnet: Subnet): unknown {
  return effectiveRoutes(subscription, subnet).map(({ source, state, prefix, hop, address }) => ({
    ...{ source, state, addressPrefix: [prefix], nextHopType: hop },
    nextHopIpAddress: address === undefined ? [] : [address],
  }));
}

function groupsAt(
  { securities }: Subscription,
  {
    id,
    security,
    subnet,
  }: { readonly id: string; readonly security: string | undefined; readonly subnet: Subnet },
): unknown {
  const places = [
    { group: subnet.security, association: { subnet: { id: subnet.id } } },
    { group: security, association: { networkInterface: { id } } },
  ];
  return places.flatMap(({ group, association }) => {
    const found = byId(securities, group);
    if (found === undefined) return [];
    const own = found.rules.map((rule) => ({ ...rule, name: `securityRules/${rule.name}` }));
    const standing = {
      name: "defaultSecurityRules/DenyAllInBound",
      priority: 65_500,
      direction: "Inbound",
      access: "Deny",
    };
    return [
      { networkSecurityGroup: { id: found.id }, association, effectiveSecurityRules: [...own, standing] },
    ];
  });
}
