// `azure-native:network:VirtualNetwork`, `…:Subnet` and `…:RouteTable` with its routes inline.
import type { GetRouteTableResult } from "@pulumi/azure-native/network/getRouteTable.js";
import type { GetSubnetResult } from "@pulumi/azure-native/network/getSubnet.js";
import type { GetVirtualNetworkResult } from "@pulumi/azure-native/network/getVirtualNetwork.js";
import { z } from "zod";
import { addressOf, contains } from "../../../../world/address.ts";
import type { Properties } from "../../../double.ts";
import { ArmError, notFound, present } from "../errors.ts";
import { type Kind, resourceOf, type Told } from "../resource.ts";
import type { Subnet, Subscription } from "../state.ts";
import { byId, put, thingIdOf } from "../subscription.ts";
import { headOf, inUse, networkTold, placed, reference } from "./common.ts";

const version = "2024-05-01";

const networkInputs = z.object({
  ...placed,
  virtualNetworkName: z.string().max(64),
  addressSpace: z.object({ addressPrefixes: z.array(z.string()).min(1) }),
  enableDdosProtection: z.literal(false).optional(),
  enableVmProtection: z.literal(false).optional(),
  subnets: z.array(reference).optional(),
  virtualNetworkPeerings: z.array(reference).max(0).optional(),
});

/** The type of virtual networks. Subnets that are not declared in it are kept. */
export const networkKind: Kind<typeof networkInputs> = {
  inputs: networkInputs,
  type: "Microsoft.Network/virtualNetworks",
  version,
  names: ["resourceGroupName", "virtualNetworkName"],
  replaces: ["location"],
  given: ["name", "type", "etag", "provisioningState", "resourceGuid"],
  children: ["subnets", "virtualNetworkPeerings"],
  idOf: (subscription, { resourceGroupName, virtualNetworkName }) =>
    thingIdOf(subscription, resourceGroupName, `Microsoft.Network/virtualNetworks/${virtualNetworkName}`),
  put(subscription, id, wanted) {
    const prefixes = wanted.addressSpace.addressPrefixes;
    const head = headOf(subscription, networkKind.type, wanted, wanted.virtualNetworkName);
    const outside = subnetsOf(subscription, id).find(
      ({ prefix }) => !prefixes.some((range) => contains(range, addressOf(prefix))),
    );
    if (outside !== undefined)
      throw new ArmError(400, "InUsePrefixCannotBeDeleted", `The subnet ${outside.name} is outside of it.`);
    put(subscription.networks, { ...head, prefixes });
  },
  told(subscription, id): (Told<GetVirtualNetworkResult> & Properties) | undefined {
    const network = byId(subscription.networks, id);
    if (network === undefined) return undefined;
    return {
      ...networkTold(network),
      addressSpace: { addressPrefixes: [...network.prefixes] },
      ...{ enableDdosProtection: false, enableVmProtection: false, privateEndpointVNetPolicies: "Disabled" },
      subnets: subnetsOf(subscription, id).map(toldOfSubnet),
      virtualNetworkPeerings: [],
    };
  },
  remove(subscription, id) {
    if (subnetsOf(subscription, id).some((subnet) => isUsed(subscription, subnet)))
      throw inUse("InUseSubnetCannotBeDeleted", id);
    for (const { id: subnet } of subnetsOf(subscription, id))
      subscription.subnets.delete(subnet.toLowerCase());
    subscription.networks.delete(id.toLowerCase());
  },
};

function subnetsOf({ subnets }: Subscription, network: string): readonly Subnet[] {
  return [...subnets.values()].filter((subnet) => subnet.network.toLowerCase() === network.toLowerCase());
}

function isUsed({ nics }: Subscription, { id }: Subnet): boolean {
  return [...nics.values()].some(({ subnet }) => subnet.toLowerCase() === id.toLowerCase());
}

const subnetInputs = z.object({
  resourceGroupName: z.string(),
  virtualNetworkName: z.string(),
  subnetName: z.string().max(80),
  addressPrefix: z.string(),
  networkSecurityGroup: reference.nullish(),
  routeTable: reference.nullish(),
  defaultOutboundAccess: z.boolean().optional(),
  privateEndpointNetworkPolicies: z.string().optional(),
  privateLinkServiceNetworkPolicies: z.string().optional(),
});

/** The type of subnets. */
export const subnetKind: Kind<typeof subnetInputs> = {
  inputs: subnetInputs,
  type: "Microsoft.Network/virtualNetworks/subnets",
  version,
  names: ["resourceGroupName", "virtualNetworkName", "subnetName"],
  replaces: [],
  given: ["name", "type", "etag", "provisioningState"],
  idOf: (subscription, { resourceGroupName, virtualNetworkName, subnetName }) => {
    const path = `Microsoft.Network/virtualNetworks/${virtualNetworkName}/subnets/${subnetName}`;
    return thingIdOf(subscription, resourceGroupName, path);
  },
  put(subscription, id, wanted) {
    const network = id.replace(/\/subnets\/[^/]+$/, "");
    const { prefixes } = present(byId(subscription.networks, network), () => notFound(network));
    const { networkSecurityGroup, routeTable, addressPrefix: prefix } = wanted;
    refusePrefix(subscription, { id, network, prefix }, prefixes);
    if (networkSecurityGroup)
      present(byId(subscription.securities, networkSecurityGroup.id), () =>
        notFound(networkSecurityGroup.id),
      );
    if (routeTable) present(byId(subscription.tables, routeTable.id), () => notFound(routeTable.id));
    put(subscription.subnets, {
      ...{ id, name: wanted.subnetName, network, prefix },
      ...{ security: networkSecurityGroup?.id, table: routeTable?.id },
      outbound: wanted.defaultOutboundAccess ?? true,
    });
  },
  told(subscription, id): (Told<GetSubnetResult> & Properties) | undefined {
    const subnet = byId(subscription.subnets, id);
    return subnet && toldOfSubnet(subnet);
  },
  remove(subscription, id) {
    const subnet = byId(subscription.subnets, id);
    if (subnet !== undefined && isUsed(subscription, subnet)) throw inUse("InUseSubnetCannotBeDeleted", id);
    subscription.subnets.delete(id.toLowerCase());
  },
};

function refusePrefix(
  subscription: Subscription,
  { id, network, prefix }: Pick<Subnet, "id" | "network" | "prefix">,
  ranges: readonly string[],
): void {
  if (!ranges.some((range) => contains(range, addressOf(prefix))))
    throw new ArmError(400, "NetcfgInvalidSubnet", `Subnet is not valid in virtual network: ${prefix}.`);
  const siblings = subnetsOf(subscription, network).filter(
    (other) => other.id.toLowerCase() !== id.toLowerCase(),
  );
  if (siblings.some((other) => contains(other.prefix, addressOf(prefix))))
    throw new ArmError(400, "NetcfgSubnetRangesOverlap", `Subnet ${prefix} overlaps with another subnet.`);
}

function toldOfSubnet({ id, name, prefix, security, table, outbound }: Subnet) {
  return {
    ...{ id, name, type: "Microsoft.Network/virtualNetworks/subnets", provisioningState: "Succeeded" },
    ...{ etag: 'W/"00000000-0000-0000-0000-000000000000"', purpose: "", addressPrefix: prefix },
    ...(security !== undefined && { networkSecurityGroup: { id: security } }),
    ...(table !== undefined && { routeTable: { id: table } }),
    defaultOutboundAccess: outbound,
    ...{ privateEndpointNetworkPolicies: "Disabled", privateLinkServiceNetworkPolicies: "Enabled" },
  };
}

const route = z.object({
  name: z.string(),
  addressPrefix: z.string(),
  nextHopType: z.enum(["VirtualNetworkGateway", "VnetLocal", "Internet", "VirtualAppliance", "None"]),
  nextHopIpAddress: z.string().optional(),
});
const tableInputs = z.object({
  ...placed,
  routeTableName: z.string().max(80),
  routes: z.array(route).optional(),
  disableBgpRoutePropagation: z.boolean().optional(),
});

/** The type of route tables. */
export const tableKind: Kind<typeof tableInputs> = {
  inputs: tableInputs,
  type: "Microsoft.Network/routeTables",
  version,
  names: ["resourceGroupName", "routeTableName"],
  replaces: [],
  given: ["name", "type", "etag", "provisioningState", "resourceGuid"],
  children: ["routes"],
  idOf: (subscription, { resourceGroupName, routeTableName }) =>
    thingIdOf(subscription, resourceGroupName, `Microsoft.Network/routeTables/${routeTableName}`),
  put(subscription, id, wanted) {
    const routes = wanted.routes ?? byId(subscription.tables, id)?.routes ?? [];
    const wrong = routes.find(
      (one) => (one.nextHopType === "VirtualAppliance") !== (one.nextHopIpAddress !== undefined),
    );
    if (wrong !== undefined)
      throw new ArmError(400, "InvalidRouteNextHopIpAddress", `Route ${wrong.name} has no fitting next hop.`);
    const head = headOf(subscription, tableKind.type, wanted, wanted.routeTableName);
    put(subscription.tables, { ...head, routes, propagates: wanted.disableBgpRoutePropagation !== true });
  },
  told(subscription, id): (Told<GetRouteTableResult> & Properties) | undefined {
    const table = byId(subscription.tables, id);
    if (table === undefined) return undefined;
    return {
      ...networkTold(table),
      disableBgpRoutePropagation: !table.propagates,
      routes: table.routes.map((one) => ({
        ...{ ...one, id: `${table.id}/routes/${one.name}`, provisioningState: "Succeeded" },
        ...{ type: "Microsoft.Network/routeTables/routes", etag: "" },
      })),
    };
  },
  remove(subscription, id) {
    if ([...subscription.subnets.values()].some(({ table }) => table?.toLowerCase() === id.toLowerCase()))
      throw inUse("InUseRouteTableCannotBeDeleted", id);
    subscription.tables.delete(id.toLowerCase());
  },
};

/** The types of this file, as doubles. */
export const network = resourceOf(networkKind);
export const subnet = resourceOf(subnetKind);
export const table = resourceOf(tableKind);
