// `oci:Core/vcn:Vcn`, `…/internetGateway:InternetGateway` and `…/subnet:Subnet`.
import type { InternetGatewayState } from "@pulumi/oci/core/internetGateway.js";
import type { SubnetState } from "@pulumi/oci/core/subnet.js";
import type { VcnState } from "@pulumi/oci/core/vcn.js";
import { z } from "zod";
import { contains } from "../../../../world/address.ts";
import { type Kind, type Plain, resourceOf } from "../../../bridged/resource.ts";
import { conflict, exceeded, invalid, present } from "../errors.ts";
import { routerOf } from "../lower.ts";
import type { Tenancy } from "../state.ts";
import { about, aboutComputed, newThing, operationsOf, rename, toldOf } from "./common.ts";

const vcnInputs = z.object({ ...about, cidrBlocks: z.array(z.string()).min(1) });

const vcnKind: Kind<Tenancy, typeof vcnInputs> = {
  inputs: vcnInputs,
  defaults: {},
  computed: aboutComputed,
  replaces: [],
  given: ["defaultDhcpOptionsId", "defaultRouteTableId", "defaultSecurityListId", "state", "timeCreated"],
  create(tenancy, wanted) {
    const limit = tenancy.limits.find(({ name }) => name === "vcn-count");
    if (limit !== undefined && limit.used(tenancy) >= limit.value) throw exceeded("CreateVcn", limit.name);
    const vcn = newThing(tenancy, "vcn", wanted);
    const own = { compartmentId: wanted.compartmentId };
    const table = newThing(tenancy, "routetable", {
      ...own,
      displayName: `Default Route Table for ${vcn.title}`,
    });
    const list = newThing(tenancy, "securitylist", {
      ...own,
      displayName: `Default Security List for ${vcn.title}`,
    });
    tenancy.tables.set(table.id, { ...table, vcn: vcn.id, routes: [] });
    tenancy.lists.set(list.id, { ...list, vcn: vcn.id, rules: defaultRules(wanted.cidrBlocks) });
    tenancy.vcns.set(vcn.id, { ...vcn, cidrs: wanted.cidrBlocks, table: table.id, list: list.id });
    return vcn.id;
  },
  state({ vcns }, id): Plain<VcnState> | undefined {
    const vcn = vcns.get(id);
    if (vcn === undefined) return undefined;
    return {
      ...toldOf(vcn),
      cidrBlock: vcn.cidrs[0] ?? "",
      cidrBlocks: [...vcn.cidrs],
      defaultDhcpOptionsId: id.replace("ocid1.vcn.", "ocid1.dhcpoptions."),
      defaultRouteTableId: vcn.table,
      defaultSecurityListId: vcn.list,
      ipv6cidrBlocks: [],
      state: "AVAILABLE",
    };
  },
  update({ vcns }, id, wanted) {
    const vcn = present(vcns.get(id), "UpdateVcn");
    rename(vcn, wanted);
    vcn.cidrs = wanted.cidrBlocks;
  },
  remove(tenancy, id) {
    const within = [...tenancy.subnets.values(), ...tenancy.gateways.values()];
    if (within.some(({ vcn }) => vcn === id))
      throw conflict("DeleteVcn", `The VCN ${id} has associated resources`);
    tenancy.vcns.delete(id);
    for (const things of [tenancy.tables, tenancy.lists])
      for (const [key, { vcn }] of things) if (vcn === id) things.delete(key);
  },
  operations: operationsOf("Vcn"),
};

/** What OCI puts into each network's own list: SSH from everywhere, and everything out. */
function defaultRules(cidrs: readonly string[]) {
  const [cidr = ""] = cidrs;
  return [
    { out: true, description: "", protocol: "all", far: "0.0.0.0/0" },
    { out: false, description: "", protocol: "6", far: "0.0.0.0/0", ports: [22, 22] as const },
    { out: false, description: "", protocol: "1", far: cidr },
  ];
}

const gatewayInputs = z.object({ ...about, vcnId: z.string(), enabled: z.boolean().default(true) });

const gatewayKind: Kind<Tenancy, typeof gatewayInputs> = {
  inputs: gatewayInputs,
  defaults: { enabled: true },
  computed: aboutComputed,
  replaces: ["vcnId"],
  given: ["state", "timeCreated"],
  create(tenancy, wanted) {
    present(tenancy.vcns.get(wanted.vcnId), "CreateInternetGateway");
    if ([...tenancy.gateways.values()].some(({ vcn }) => vcn === wanted.vcnId))
      throw exceeded("CreateInternetGateway", "internet-gateway-count");
    const gateway = newThing(tenancy, "internetgateway", wanted);
    tenancy.gateways.set(gateway.id, { ...gateway, vcn: wanted.vcnId, enabled: wanted.enabled });
    return gateway.id;
  },
  state({ gateways }, id): Plain<InternetGatewayState> | undefined {
    const gateway = gateways.get(id);
    return (
      gateway && { ...toldOf(gateway), enabled: gateway.enabled, state: "AVAILABLE", vcnId: gateway.vcn }
    );
  },
  update({ gateways }, id, wanted) {
    const gateway = present(gateways.get(id), "UpdateInternetGateway");
    rename(gateway, wanted);
    gateway.enabled = wanted.enabled;
  },
  remove(tenancy, id) {
    const led = [...tenancy.tables.values()].some(({ routes }) => routes.some(({ entity }) => entity === id));
    if (led) throw conflict("DeleteInternetGateway", `${id} is the target of a route rule`);
    tenancy.gateways.delete(id);
  },
  operations: operationsOf("InternetGateway"),
};

const subnetInputs = z.object({
  ...about,
  vcnId: z.string(),
  cidrBlock: z.string(),
  routeTableId: z.string().optional(),
  securityListIds: z.array(z.string()).optional(),
  prohibitPublicIpOnVnic: z.boolean().optional(),
  prohibitInternetIngress: z.boolean().optional(),
});

const subnetKind: Kind<Tenancy, typeof subnetInputs> = {
  inputs: subnetInputs,
  defaults: {},
  computed: [
    ...aboutComputed,
    ...["routeTableId", "securityListIds", "prohibitPublicIpOnVnic", "prohibitInternetIngress"],
  ],
  replaces: ["vcnId", "prohibitPublicIpOnVnic", "prohibitInternetIngress"],
  sets: ["securityListIds"],
  given: ["state", "timeCreated", "virtualRouterIp"],
  create(tenancy, wanted) {
    const vcn = present(tenancy.vcns.get(wanted.vcnId), "CreateSubnet");
    if (!vcn.cidrs.some((cidr) => contains(cidr, wanted.cidrBlock.replace(/\/.*$/, ""))))
      throw invalid("CreateSubnet", `The requested CIDR ${wanted.cidrBlock} is invalid`);
    const taken = [...tenancy.subnets.values()].some(
      (one) => one.vcn === vcn.id && one.cidr === wanted.cidrBlock,
    );
    if (taken)
      throw invalid("CreateSubnet", `The requested CIDR ${wanted.cidrBlock} overlaps with another subnet`);
    const subnet = newThing(tenancy, "subnet", wanted);
    const { prohibitPublicIpOnVnic: addresses = false, prohibitInternetIngress: ingress = false } = wanted;
    const followed = followedBy(tenancy, wanted, { table: vcn.table, lists: [vcn.list] });
    tenancy.subnets.set(subnet.id, {
      ...{ ...subnet, ...followed, vcn: vcn.id, cidr: wanted.cidrBlock },
      shut: { addresses, ingress },
    });
    return subnet.id;
  },
  state({ subnets }, id): Plain<SubnetState> | undefined {
    const subnet = subnets.get(id);
    if (subnet === undefined) return undefined;
    return {
      ...toldOf(subnet),
      // A regional one.
      availabilityDomain: "",
      cidrBlock: subnet.cidr,
      prohibitInternetIngress: subnet.shut.ingress,
      prohibitPublicIpOnVnic: subnet.shut.addresses,
      routeTableId: subnet.table,
      securityListIds: [...subnet.lists],
      state: "AVAILABLE",
      vcnId: subnet.vcn,
      virtualRouterIp: routerOf(subnet),
    };
  },
  update(tenancy, id, wanted) {
    const subnet = present(tenancy.subnets.get(id), "UpdateSubnet");
    rename(subnet, wanted);
    Object.assign(subnet, followedBy(tenancy, wanted, subnet));
  },
  remove(tenancy, id) {
    const used = [...tenancy.instances.values()].some(
      ({ vnic, state }) => vnic.subnet === id && state !== "TERMINATED",
    );
    if (used) throw conflict("DeleteSubnet", `The Subnet ${id} references the VNIC of an instance`);
    tenancy.subnets.delete(id);
  },
  operations: operationsOf("Subnet"),
};

/** The table and lists that a subnet is to follow; what is not said stays as it is. */
function followedBy(
  { tables, lists }: Tenancy,
  { routeTableId, securityListIds }: z.output<typeof subnetInputs>,
  now: { readonly table: string; readonly lists: readonly string[] },
) {
  const table = routeTableId ?? now.table;
  const under = securityListIds ?? now.lists;
  present(tables.get(table), "UpdateSubnet");
  for (const id of under) present(lists.get(id), "UpdateSubnet");
  return { table, lists: under };
}

/** The types of this file, as doubles. */
export const vcn = resourceOf(vcnKind);
export const gateway = resourceOf(gatewayKind);
export const subnet = resourceOf(subnetKind);
