// Functions about networks, what is in them, and addresses.
import type { GetInternetGatewaysResult } from "@pulumi/oci/core/getInternetGateways.js";
import type { GetNetworkSecurityGroupsResult } from "@pulumi/oci/core/getNetworkSecurityGroups.js";
import type { GetPrivateIpsResult } from "@pulumi/oci/core/getPrivateIps.js";
import type { GetPublicIpsResult } from "@pulumi/oci/core/getPublicIps.js";
import type { GetRouteTablesResult } from "@pulumi/oci/core/getRouteTables.js";
import type { GetSecurityListsResult } from "@pulumi/oci/core/getSecurityLists.js";
import type { GetSubnetsResult } from "@pulumi/oci/core/getSubnets.js";
import type { GetVcnsResult } from "@pulumi/oci/core/getVcns.js";
import type { GetVnicResult } from "@pulumi/oci/core/getVnic.js";
import { z } from "zod";
import type { Answer } from "../../../bridged/functions.ts";
import type { Properties } from "../../../double.ts";
import { present } from "../errors.ts";
import type { Api } from "../gateway.ts";
import { routerOf } from "../lower.ts";
import type { Instance, Rule, Tenancy } from "../state.ts";
import { timeOf } from "../tenancy.ts";
import { toldOf } from "../types/common.ts";
import { functionOf, inCompartment, within } from "./answer.ts";

const inVcn = z.object({ ...within, vcnId: z.string().optional() });
const available = { state: "AVAILABLE" };

/** By token. */
export const networkFunctions: Readonly<Record<string, Answer<Api>>> = {
  "oci:Core/getVcns:getVcns": functionOf(
    "ListVcns",
    z.object(within),
    ({ account }, { compartmentId }): GetVcnsResult & Properties => ({
      ...{ id: compartmentId, compartmentId },
      virtualNetworks: inCompartment(account, account.vcns.values(), compartmentId).map((vcn) => ({
        ...{
          id: vcn.id,
          ...toldOf(vcn),
          ...available,
          cidrBlock: vcn.cidrs[0] ?? "",
          cidrBlocks: [...vcn.cidrs],
        },
        ...{ defaultRouteTableId: vcn.table, defaultSecurityListId: vcn.list, dnsLabel: "" },
        ...{ defaultDhcpOptionsId: "", byoipv6cidrBlocks: [], byoipv6cidrDetails: [], ipv6cidrBlocks: [] },
        ...{ ipv6privateCidrBlocks: [], isIpv6enabled: false, isOracleGuaAllocationEnabled: false },
        ...{ securityAttributes: {}, vcnDomainName: "" },
      })),
    }),
  ),
  "oci:Core/getSubnets:getSubnets": functionOf(
    "ListSubnets",
    inVcn,
    ({ account }, { compartmentId, vcnId }): GetSubnetsResult & Properties => ({
      ...{ id: compartmentId, compartmentId },
      subnets: inCompartment(account, account.subnets.values(), compartmentId)
        .filter(({ vcn }) => vcn === (vcnId ?? vcn))
        .map((subnet) => ({
          ...{ id: subnet.id, ...toldOf(subnet), ...available, vcnId: subnet.vcn, cidrBlock: subnet.cidr },
          ...{
            routeTableId: subnet.table,
            securityListIds: [...subnet.lists],
            dhcpOptionsId: "",
            dnsLabel: "",
          },
          ...{ prohibitPublicIpOnVnic: subnet.shut.addresses, prohibitInternetIngress: subnet.shut.ingress },
          ...{ availabilityDomain: "", ipv4cidrBlocks: [subnet.cidr], ipv6cidrBlock: "", ipv6cidrBlocks: [] },
          ...{ ipv6virtualRouterIp: "", subnetDomainName: "", virtualRouterIp: routerOf(subnet) },
          virtualRouterMac: "00:00:17:00:00:01",
        })),
    }),
  ),
  "oci:Core/getInternetGateways:getInternetGateways": functionOf(
    "ListInternetGateways",
    inVcn,
    ({ account }, { compartmentId, vcnId }): GetInternetGatewaysResult & Properties => ({
      ...{ id: compartmentId, compartmentId },
      gateways: inCompartment(account, account.gateways.values(), compartmentId)
        .filter(({ vcn }) => vcn === (vcnId ?? vcn))
        .map((gateway) => ({
          ...{ id: gateway.id, ...toldOf(gateway), ...available, vcnId: gateway.vcn },
          ...{ enabled: gateway.enabled, routeTableId: "" },
        })),
    }),
  ),
  "oci:Core/getRouteTables:getRouteTables": functionOf(
    "ListRouteTables",
    inVcn,
    ({ account }, { compartmentId, vcnId }): GetRouteTablesResult & Properties => ({
      ...{ id: compartmentId, compartmentId },
      routeTables: inCompartment(account, account.tables.values(), compartmentId)
        .filter(({ vcn }) => vcn === (vcnId ?? vcn))
        .map((table) => ({
          ...{ id: table.id, ...toldOf(table), ...available, vcnId: table.vcn },
          routeRules: table.routes.map(({ destination, type, entity }) => ({
            ...{ destination, destinationType: type, networkEntityId: entity },
            ...{ cidrBlock: "", description: "", routeType: "STATIC" },
          })),
        })),
    }),
  ),
  "oci:Core/getSecurityLists:getSecurityLists": functionOf(
    "ListSecurityLists",
    inVcn,
    ({ account }, { compartmentId, vcnId }): GetSecurityListsResult & Properties => ({
      ...{ id: compartmentId, compartmentId },
      securityLists: inCompartment(account, account.lists.values(), compartmentId)
        .filter(({ vcn }) => vcn === (vcnId ?? vcn))
        .map((list) => ({
          ...{ id: list.id, ...toldOf(list), ...available, vcnId: list.vcn },
          ingressSecurityRules: list.rules
            .filter(({ out }) => !out)
            .map((rule) => ({ ...ruleOf(rule), source: rule.far, sourceType: "CIDR_BLOCK" })),
          egressSecurityRules: list.rules
            .filter(({ out }) => out)
            .map((rule) => ({ ...ruleOf(rule), destination: rule.far, destinationType: "CIDR_BLOCK" })),
        })),
    }),
  ),
  "oci:Core/getNetworkSecurityGroups:getNetworkSecurityGroups": functionOf(
    "ListNetworkSecurityGroups",
    z.object(within),
    ({ account }, { compartmentId }): GetNetworkSecurityGroupsResult & Properties => ({
      ...{ id: compartmentId, compartmentId },
      // Nobody here makes any.
      networkSecurityGroups: inCompartment(account, [], compartmentId),
    }),
  ),
  "oci:Core/getVnic:getVnic": functionOf(
    "GetVnic",
    z.object({ vnicId: z.string() }),
    ({ account }, { vnicId }): Partial<GetVnicResult> & Properties => {
      const { vnic, domain, compartment } = present(
        alive(account).find((one) => one.vnic.id === vnicId),
        "GetVnic",
      );
      return {
        ...{ id: vnicId, vnicId, compartmentId: compartment, availabilityDomain: domain, isPrimary: true },
        ...{ displayName: vnic.title, freeformTags: { ...vnic.tags }, definedTags: {}, hostnameLabel: "" },
        ...{ subnetId: vnic.subnet, privateIpAddress: vnic.address, macAddress: vnic.mac, vlanId: "" },
        ...{ publicIpAddress: publicOf(account, vnic.privateIp), skipSourceDestCheck: vnic.unguarded },
        ...{ nsgIds: [], routeTableId: "", state: "AVAILABLE", ipv6addresses: [] },
      };
    },
  ),
  "oci:Core/getPrivateIps:getPrivateIps": functionOf(
    "ListPrivateIps",
    z.object({ subnetId: z.string(), ipAddress: z.string() }),
    ({ account }, { subnetId, ipAddress }): Omit<GetPrivateIpsResult, "privateIps"> & Properties => {
      present(account.subnets.get(subnetId), "ListPrivateIps");
      const found = alive(account).filter(
        ({ vnic }) => vnic.subnet === subnetId && vnic.address === ipAddress,
      );
      return {
        ...{ id: subnetId, subnetId, ipAddress },
        privateIps: found.map(({ vnic, compartment, createdAt }) => ({
          ...{ id: vnic.privateIp, vnicId: vnic.id, subnetId, ipAddress, compartmentId: compartment },
          ...{ isPrimary: true, displayName: vnic.title, timeCreated: timeOf(createdAt) },
        })),
      };
    },
  ),
  "oci:Core/getPublicIps:getPublicIps": functionOf(
    "ListPublicIps",
    z.object({ ...within, scope: z.literal("REGION"), lifetime: z.literal("RESERVED").optional() }),
    ({ account }, { compartmentId, scope }): GetPublicIpsResult & Properties => ({
      ...{ id: compartmentId, compartmentId, scope },
      publicIps: inCompartment(account, account.addresses.values(), compartmentId).map((address) => {
        const { privateIp = "" } = address;
        return {
          ...{ id: address.id, ...toldOf(address), ipAddress: address.ip, lifetime: "RESERVED", scope },
          ...{ assignedEntityId: privateIp, assignedEntityType: privateIp === "" ? "" : "PRIVATE_IP" },
          ...{ privateIpId: privateIp, publicIpPoolId: "", availabilityDomain: "" },
          state: privateIp === "" ? "AVAILABLE" : "ASSIGNED",
        };
      }),
    }),
  ),
};

function alive({ instances }: Tenancy): Instance[] {
  return [...instances.values()].filter(({ state }) => state !== "TERMINATED");
}

function publicOf({ addresses }: Tenancy, privateIp: string): string {
  return [...addresses.values()].find((address) => address.privateIp === privateIp)?.ip ?? "";
}

function ruleOf({ description, protocol, ports }: Rule) {
  const options = ports === undefined ? [] : [{ min: ports[0], max: ports[1], sourcePortRanges: [] }];
  return {
    ...{ description, protocol, stateless: false, icmpOptions: [] },
    tcpOptions: protocol === "6" ? options : [],
    udpOptions: protocol === "17" ? options : [],
  };
}
