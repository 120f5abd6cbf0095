// A new subscription: what was there before us, how its ids come about, and how things are found by them.
import type { World } from "../../../world/world.ts";
import type { Group, Subscription, Thing } from "./state.ts";

/** From the ids that Azure's documentation has for example. */
const ids = {
  subscription: "aaaabbbb-0000-cccc-1111-dddd2222eeee",
  tenant: "00001111-aaaa-2222-bbbb-3333cccc4444",
} as const;

/** A subscription with nothing of its own in it. Images, limits and sizes are what its location offers to everybody. */
export function newSubscription(world: World): Subscription {
  const image = { publisher: "Canonical", offer: "ubuntu-24_04-lts", sku: "server", architecture: "x64" };
  const family = "standardBSFamily";
  const both = ["V1", "V2"] as const;
  return {
    ...{ world, id: ids.subscription, tenant: ids.tenant, location: "westeurope", state: "Enabled" },
    providers: new Map([
      ["Microsoft.Compute", "Registered"],
      ["Microsoft.Network", "Registered"],
    ]),
    images: [{ ...image, version: "24.04.202510220", generation: "V2", state: "Active" }],
    sizes: [
      {
        name: "Standard_B1s",
        family,
        vcpus: 1,
        generations: both,
        zones: ["1", "2", "3"],
        restricted: false,
      },
      {
        name: "Standard_B2s",
        family,
        vcpus: 2,
        generations: both,
        zones: ["1", "2", "3"],
        restricted: false,
      },
      { name: "Standard_B4ms", family, vcpus: 4, generations: both, zones: ["2"], restricted: false },
    ],
    limits: [
      ...[
        limit("Compute", "cores", 20),
        limit("Compute", family, 10),
        limit("Compute", "virtualMachines", 25_000),
      ],
      ...[limit("Network", "VirtualNetworks", 1_000), limit("Network", "NetworkSecurityGroups", 5_000)],
      ...[limit("Network", "RouteTables", 200), limit("Network", "NetworkInterfaces", 65_536)],
      limit("Network", "StandardSkuPublicIpAddresses", 20),
    ],
    ...{
      groups: new Map(),
      networks: new Map(),
      subnets: new Map(),
      tables: new Map(),
      securities: new Map(),
    },
    ...{ keys: new Map(), addresses: new Map(), nics: new Map(), disks: new Map(), machines: new Map() },
    issued: 0,
  };
}

function limit(provider: "Compute" | "Network", name: string, most: number) {
  return { provider, name, limit: most };
}

/** A new id of the kind that the resource manager makes itself, from the neighbourhood of its documentation's examples. */
export function newUuid(subscription: Subscription): string {
  subscription.issued += 1;
  return `aaaa0a0a-bb1b-cc2c-dd3d-${(0xeeeeee4e0000 + subscription.issued).toString(16)}`;
}

/** A hardware address of those that Azure gives out. */
export function newMac(subscription: Subscription): string {
  subscription.issued += 1;
  const bytes = [subscription.issued >> 8, subscription.issued].map((byte) => (byte & 255).toString(16));
  return ["00", "0D", "3A", "5E", ...bytes.map((byte) => byte.padStart(2, "0").toUpperCase())].join("-");
}

/** `/subscriptions/<id>/resourceGroups/<name>` */
export function groupIdOf({ id }: Pick<Subscription, "id">, name: string): string {
  return `/subscriptions/${id}/resourceGroups/${name}`;
}

/** `…/providers/<type>/<name>` */
export function thingIdOf(subscription: Subscription, group: string, path: string): string {
  return `${groupIdOf(subscription, group)}/providers/${path}`;
}

/** A thing by its id, in whatever case. */
export function byId<T>(map: ReadonlyMap<string, T>, id: string | undefined): T | undefined {
  return id === undefined ? undefined : map.get(id.toLowerCase());
}

/** Puts a thing where {@link byId} finds it. */
export function put<T extends { readonly id: string }>(map: Map<string, T>, thing: T): void {
  map.set(thing.id.toLowerCase(), thing);
}

/** Everything that stands in resource groups; subnets stand in their networks. */
export function thingsOf(subscription: Subscription): readonly Thing[] {
  const { networks, tables, securities, keys, addresses, nics, disks, machines } = subscription;
  return [networks, tables, securities, keys, addresses, nics, disks, machines].flatMap((map) => [
    ...map.values(),
  ]);
}

/** A resource group by its name, in whatever case. */
export function groupOf(subscription: Subscription, name: string): Group | undefined {
  return byId(subscription.groups, groupIdOf(subscription, name));
}
