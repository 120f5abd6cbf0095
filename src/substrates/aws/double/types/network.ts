// `aws:ec2/vpc:Vpc`, `…/subnet:Subnet` and `…/internetGateway:InternetGateway`.
import type { InternetGatewayState } from "@pulumi/aws/ec2/internetGateway.js";
import type { SubnetState } from "@pulumi/aws/ec2/subnet.js";
import type { VpcState } from "@pulumi/aws/ec2/vpc.js";
import { z } from "zod";
import { contains } from "../../../../world/address.ts";
import { type Kind, type Plain, resourceOf } from "../../../bridged/resource.ts";
import { arnOf, newId } from "../account.ts";
import { ApiError, notFound } from "../errors.ts";
import type { Account } from "../state.ts";
import { owned, present, tagged, tags } from "./common.ts";

const vpcInputs = z.object({
  cidrBlock: z.string(),
  enableDnsSupport: z.boolean().default(true),
  enableDnsHostnames: z.boolean().default(false),
  instanceTenancy: z.string().default("default"),
  tags,
});

const vpcKind: Kind<Account, typeof vpcInputs> = {
  inputs: vpcInputs,
  defaults: { enableDnsSupport: true, instanceTenancy: "default" },
  computed: ["enableDnsHostnames"],
  replaces: ["cidrBlock"],
  given: ["arn", "defaultNetworkAclId", "defaultRouteTableId", "defaultSecurityGroupId", "mainRouteTableId"],
  create(account, { cidrBlock, enableDnsSupport, enableDnsHostnames, tags: own = {} }) {
    const id = newId(account, "vpc");
    const [mainTable, defaultAcl, defaultGroup] = ["rtb", "acl", "sg"].map((kind) => newId(account, kind));
    if (mainTable === undefined || defaultAcl === undefined || defaultGroup === undefined)
      throw new TypeError("unreachable: three ids for three kinds");
    account.tables.set(mainTable, { id: mainTable, vpc: id, main: true, routes: [], tags: {} });
    const about = { name: "default", description: "default VPC security group", tags: {} };
    account.groups.set(defaultGroup, {
      id: defaultGroup,
      vpc: id,
      ...about,
      rules: defaultRules(account, defaultGroup),
    });
    const settings = { dnsSupport: enableDnsSupport, dnsHostnames: enableDnsHostnames };
    account.vpcs.set(id, {
      id,
      cidr: cidrBlock,
      ...settings,
      mainTable,
      defaultAcl,
      defaultGroup,
      tags: own,
    });
    return id;
  },
  state(account, id): Plain<VpcState> | undefined {
    const vpc = account.vpcs.get(id);
    if (vpc === undefined) return undefined;
    return {
      arn: arnOf(account, "vpc", id),
      assignGeneratedIpv6CidrBlock: false,
      cidrBlock: vpc.cidr,
      defaultNetworkAclId: vpc.defaultAcl,
      defaultRouteTableId: vpc.mainTable,
      defaultSecurityGroupId: vpc.defaultGroup,
      enableDnsHostnames: vpc.dnsHostnames,
      enableDnsSupport: vpc.dnsSupport,
      enableNetworkAddressUsageMetrics: false,
      instanceTenancy: "default",
      mainRouteTableId: vpc.mainTable,
      ...owned(account),
      ...tagged(vpc.tags),
    };
  },
  update(account, id, { enableDnsSupport, enableDnsHostnames, tags: own = {} }) {
    const vpc = present(account.vpcs.get(id), () =>
      notFound("ModifyVpcAttribute", "InvalidVpcID.NotFound", id),
    );
    vpc.dnsSupport = enableDnsSupport;
    vpc.dnsHostnames = enableDnsHostnames;
    vpc.tags = own;
  },
  remove(account, id) {
    const within = [...account.subnets.values(), ...account.gateways.values()].some(({ vpc }) => vpc === id);
    if (within) throw dependency("DeleteVpc", "vpc", id);
    account.vpcs.delete(id);
    for (const [key, { vpc }] of account.tables) if (vpc === id) account.tables.delete(key);
    for (const [key, { vpc }] of account.groups) if (vpc === id) account.groups.delete(key);
  },
  operations: {
    create: "CreateVpc",
    read: "DescribeVpcs",
    update: "ModifyVpcAttribute",
    remove: "DeleteVpc",
  },
};

/** What EC2 puts into each VPC's own group: everything among its members, everything out. */
function defaultRules(account: Account, group: string) {
  const rule = { description: "", protocol: "-1", from: -1, to: -1 };
  return [
    { id: newId(account, "sgr"), out: false, ...rule, far: { group } },
    { id: newId(account, "sgr"), out: true, ...rule, far: { cidr: "0.0.0.0/0" } },
  ];
}

const subnetInputs = z.object({
  vpcId: z.string(),
  cidrBlock: z.string(),
  availabilityZone: z.string(),
  mapPublicIpOnLaunch: z.boolean().default(false),
  tags,
});

const subnetKind: Kind<Account, typeof subnetInputs> = {
  inputs: subnetInputs,
  defaults: { mapPublicIpOnLaunch: false },
  computed: [],
  replaces: ["vpcId", "cidrBlock", "availabilityZone"],
  given: ["arn", "availabilityZoneId"],
  create(account, { vpcId, cidrBlock, availabilityZone, mapPublicIpOnLaunch, tags: own = {} }) {
    const vpc = present(account.vpcs.get(vpcId), () =>
      notFound("CreateSubnet", "InvalidVpcID.NotFound", vpcId),
    );
    const text = `The CIDR '${cidrBlock}' is invalid.`;
    if (!contains(vpc.cidr, cidrBlock.replace(/\/.*$/, "")))
      throw new ApiError("CreateSubnet", { code: "InvalidSubnet.Range", text });
    if ([...account.subnets.values()].some(({ vpc: other, cidr }) => other === vpcId && cidr === cidrBlock))
      throw new ApiError("CreateSubnet", { code: "InvalidSubnet.Conflict", text });
    const id = newId(account, "subnet");
    const where = { vpc: vpcId, cidr: cidrBlock, zone: availabilityZone };
    account.subnets.set(id, { id, ...where, mapPublic: mapPublicIpOnLaunch, tags: own });
    return id;
  },
  state(account, id): Plain<SubnetState> | undefined {
    const subnet = account.subnets.get(id);
    if (subnet === undefined) return undefined;
    const zoneId = account.zones.find(({ name }) => name === subnet.zone)?.id;
    return {
      arn: arnOf(account, "subnet", id),
      assignIpv6AddressOnCreation: false,
      availabilityZone: subnet.zone,
      ...(zoneId !== undefined && { availabilityZoneId: zoneId }),
      cidrBlock: subnet.cidr,
      enableDns64: false,
      ipv6Native: false,
      mapPublicIpOnLaunch: subnet.mapPublic,
      privateDnsHostnameTypeOnLaunch: "ip-name",
      vpcId: subnet.vpc,
      ...owned(account),
      ...tagged(subnet.tags),
    };
  },
  update(account, id, { mapPublicIpOnLaunch, tags: own = {} }) {
    const subnet = present(account.subnets.get(id), () =>
      notFound("ModifySubnetAttribute", "InvalidSubnetID.NotFound", id),
    );
    subnet.mapPublic = mapPublicIpOnLaunch;
    subnet.tags = own;
  },
  remove(account, id) {
    const used = [...account.instances.values()].some(
      ({ subnet, state }) => subnet === id && state !== "terminated",
    );
    if (used) throw dependency("DeleteSubnet", "subnet", id);
    account.subnets.delete(id);
    for (const [key, { subnet }] of account.associations) if (subnet === id) account.associations.delete(key);
  },
  operations: {
    ...{ create: "CreateSubnet", read: "DescribeSubnets" },
    ...{ update: "ModifySubnetAttribute", remove: "DeleteSubnet" },
  },
};

const gatewayInputs = z.object({ vpcId: z.string().optional(), tags });

const gatewayKind: Kind<Account, typeof gatewayInputs> = {
  inputs: gatewayInputs,
  defaults: {},
  computed: ["vpcId"],
  replaces: [],
  given: ["arn"],
  create(account, { vpcId, tags: own = {} }) {
    const id = newId(account, "igw");
    account.gateways.set(id, { id, vpc: undefined, tags: own });
    attach(account, id, vpcId);
    return id;
  },
  state(account, id): Plain<InternetGatewayState> | undefined {
    const gateway = account.gateways.get(id);
    if (gateway === undefined) return undefined;
    return {
      arn: arnOf(account, "internet-gateway", id),
      vpcId: gateway.vpc ?? "",
      ...owned(account),
      ...tagged(gateway.tags),
    };
  },
  update(account, id, { vpcId, tags: own = {} }) {
    const gateway = present(account.gateways.get(id), () =>
      notFound("AttachInternetGateway", "InvalidInternetGatewayID.NotFound", id),
    );
    attach(account, id, vpcId);
    gateway.tags = own;
  },
  remove(account, id) {
    const vpc = account.gateways.get(id)?.vpc;
    if (vpc !== undefined) refuseMapped(account, vpc);
    account.gateways.delete(id);
  },
  operations: {
    ...{ create: "CreateInternetGateway", read: "DescribeInternetGateways" },
    ...{ update: "AttachInternetGateway", remove: "DeleteInternetGateway" },
  },
};

/** One VPC has at most one. */
function attach(account: Account, id: string, vpc: string | undefined): void {
  const other = [...account.gateways.values()].find((one) => one.vpc === vpc && one.id !== id);
  if (vpc !== undefined && vpc !== "" && other !== undefined)
    throw new ApiError("AttachInternetGateway", {
      code: "Resource.AlreadyAssociated",
      text: `resource ${id} is already attached to network ${vpc}`,
    });
  const gateway = account.gateways.get(id);
  if (gateway?.vpc !== undefined && gateway.vpc !== vpc) refuseMapped(account, gateway.vpc);
  if (gateway !== undefined) gateway.vpc = vpc === "" ? undefined : vpc;
}

/** A gateway can not be taken from a network with public addresses in use. */
function refuseMapped(account: Account, network: string): void {
  const mapped = [...account.addresses.values()].some(({ association }) => {
    const instance = account.instances.get(association?.instance ?? "");
    return account.subnets.get(instance?.subnet ?? "")?.vpc === network;
  });
  const text = `Network ${network} has some mapped public address(es). Please unmap those before detaching the gateway.`;
  if (mapped) throw new ApiError("DetachInternetGateway", { code: "DependencyViolation", text });
}

function dependency(operation: string, kind: string, id: string): ApiError {
  const text = `The ${kind} '${id}' has dependencies and cannot be deleted.`;
  return new ApiError(operation, { code: "DependencyViolation", text });
}

/** The types of this file, as doubles. */
export const vpc = resourceOf(vpcKind);
export const subnet = resourceOf(subnetKind);
export const gateway = resourceOf(gatewayKind);
