// Functions about networks, what is in them, and public addresses.
import type { GetEipsResult } from "@pulumi/aws/ec2/getEips.js";
import type { GetElasticIpResult } from "@pulumi/aws/ec2/getElasticIp.js";
import type { GetInternetGatewayResult } from "@pulumi/aws/ec2/getInternetGateway.js";
import type { GetNetworkInterfacesResult } from "@pulumi/aws/ec2/getNetworkInterfaces.js";
import type { GetRouteTableResult } from "@pulumi/aws/ec2/getRouteTable.js";
import type { GetSubnetResult } from "@pulumi/aws/ec2/getSubnet.js";
import type { GetVpcResult } from "@pulumi/aws/ec2/getVpc.js";
import type { GetVpcsResult } from "@pulumi/aws/ec2/getVpcs.js";
import { z } from "zod";
import type { Answer } from "../../../bridged/functions.ts";
import type { Properties } from "../../../double.ts";
import { arnOf } from "../account.ts";
import type { Api } from "../gateway.ts";
import { freeAddresses } from "../lower.ts";
import type { Account, Instance, Table } from "../state.ts";
import { functionOf, matching, only, search } from "./answer.ts";

const byId = z.object({ id: z.string(), region: search.region });

/** By token. */
export const networkFunctions: Readonly<Record<string, Answer<Api>>> = {
  "aws:ec2/getVpc:getVpc": functionOf(
    "DescribeVpcs",
    byId,
    ({ account }, { id }): Partial<GetVpcResult> & Properties => {
      const vpc = only([account.vpcs.get(id) ?? []].flat(), "EC2 VPC");
      return {
        ...{ id, arn: arnOf(account, "vpc", id), cidrBlock: vpc.cidr, state: "available", default: false },
        cidrBlockAssociations: [
          { associationId: `vpc-cidr-assoc-${id.slice(4)}`, cidrBlock: vpc.cidr, state: "associated" },
        ],
        ...{ enableDnsSupport: vpc.dnsSupport, enableDnsHostnames: vpc.dnsHostnames },
        ...{
          mainRouteTableId: vpc.mainTable,
          ownerId: account.id,
          region: account.region,
          tags: { ...vpc.tags },
        },
      };
    },
  ),
  "aws:ec2/getVpcs:getVpcs": functionOf(
    "DescribeVpcs",
    z.object(search),
    ({ account }, args): GetVpcsResult & Properties => ({
      ...{ id: account.region, region: account.region, tags: { ...args.tags } },
      ids: matching(account.vpcs.values(), args, {}).map(({ id }) => id),
    }),
  ),
  "aws:ec2/getSubnet:getSubnet": functionOf(
    "DescribeSubnets",
    byId,
    ({ account }, { id }): Partial<GetSubnetResult> & Properties => {
      const subnet = only([account.subnets.get(id) ?? []].flat(), "EC2 Subnet");
      return {
        ...{ id, arn: arnOf(account, "subnet", id), vpcId: subnet.vpc, cidrBlock: subnet.cidr },
        ...{ availabilityZone: subnet.zone, state: "available", mapPublicIpOnLaunch: subnet.mapPublic },
        availabilityZoneId: account.zones.find(({ name }) => name === subnet.zone)?.id ?? "",
        availableIpAddressCount: freeAddresses(account, subnet),
        ...{ ownerId: account.id, region: account.region, tags: { ...subnet.tags } },
      };
    },
  ),
  "aws:ec2/getInternetGateway:getInternetGateway": functionOf(
    "DescribeInternetGateways",
    z.object({ internetGatewayId: z.string(), region: search.region }),
    ({ account }, { internetGatewayId: id }): GetInternetGatewayResult & Properties => {
      const gateway = only([account.gateways.get(id) ?? []].flat(), "EC2 Internet Gateway");
      return {
        ...{ id, internetGatewayId: id, arn: arnOf(account, "internet-gateway", id) },
        attachments: gateway.vpc === undefined ? [] : [{ state: "available", vpcId: gateway.vpc }],
        ...{ ownerId: account.id, region: account.region, tags: { ...gateway.tags } },
      };
    },
  ),
  "aws:ec2/getRouteTable:getRouteTable": functionOf(
    "DescribeRouteTables",
    z.object({ subnetId: z.string(), region: search.region }),
    ({ account }, { subnetId }): Partial<GetRouteTableResult> & Properties => {
      // Only tables that somebody associated with the subnet: the main one is found by no subnet.
      const tables = [...account.tables.values()].filter(({ id }) => associated(account, id, subnetId));
      return tableOf(account, only(tables, "EC2 Route Table"), subnetId);
    },
  ),
  "aws:ec2/getElasticIp:getElasticIp": functionOf(
    "DescribeAddresses",
    byId,
    ({ account }, { id }): Partial<GetElasticIpResult> & Properties => {
      const address = only([account.addresses.get(id) ?? []].flat(), "EC2 EIP");
      const instance = account.instances.get(address.association?.instance ?? "");
      return {
        ...{ id, arn: arnOf(account, "elastic-ip", id), domain: "vpc", publicIp: address.ip },
        ...{ associationId: address.association?.id ?? "", instanceId: instance?.id ?? "" },
        ...{ networkInterfaceId: instance?.eni ?? "", privateIp: instance?.address ?? "" },
        ...{ region: account.region, tags: { ...address.tags } },
      };
    },
  ),
  "aws:ec2/getEips:getEips": functionOf(
    "DescribeAddresses",
    z.object(search),
    ({ account }, args): GetEipsResult & Properties => {
      const found = matching(account.addresses.values(), args, {});
      return {
        ...{ id: account.region, region: account.region },
        allocationIds: found.map(({ id }) => id),
        publicIps: found.map(({ ip }) => ip),
      };
    },
  ),
  "aws:ec2/getNetworkInterfaces:getNetworkInterfaces": functionOf(
    "DescribeNetworkInterfaces",
    z.object(search),
    ({ account }, args): GetNetworkInterfacesResult & Properties => {
      // EC2 makes an instance's first interface by itself and tags it only where it is asked to.
      const interfaces = [...account.instances.values()]
        .filter(({ state }) => state !== "terminated")
        .map((instance) => ({ ...instance, tags: {} }));
      const found = matching(interfaces, args, {
        "vpc-id": ({ subnet }: Instance) => account.subnets.get(subnet)?.vpc,
        "attachment.instance-id": ({ id }: Instance) => id,
      });
      return {
        ...{ id: account.region, region: account.region, tags: { ...args.tags } },
        ids: found.map(({ eni }) => eni),
      };
    },
  ),
};

function associated(account: Account, table: string, subnet: string): boolean {
  return [...account.associations.values()].some((one) => one.table === table && one.subnet === subnet);
}

function tableOf(
  account: Account,
  table: Table,
  subnetId: string,
): Partial<GetRouteTableResult> & Properties {
  const none = {
    ...{ carrierGatewayId: "", coreNetworkArn: "", destinationPrefixListId: "", egressOnlyGatewayId: "" },
    ...{ instanceId: "", ipv6CidrBlock: "", localGatewayId: "", natGatewayId: "", odbNetworkArn: "" },
    ...{ transitGatewayId: "", vpcEndpointId: "", vpcPeeringConnectionId: "" },
  };
  return {
    ...{ id: table.id, routeTableId: table.id, arn: arnOf(account, "route-table", table.id) },
    ...{ vpcId: table.vpc, subnetId, ownerId: account.id, region: account.region, tags: { ...table.tags } },
    // The data source leaves the local route out.
    routes: table.routes.map(({ cidr, gateway = "", eni = "" }) => ({
      ...none,
      ...{ cidrBlock: cidr, gatewayId: gateway, networkInterfaceId: eni },
    })),
    associations: [...account.associations.values()]
      .filter((one) => one.table === table.id)
      .map(({ id, subnet }) => ({
        ...{ gatewayId: "", main: false, routeTableAssociationId: id, routeTableId: table.id },
        subnetId: subnet,
      })),
  };
}
