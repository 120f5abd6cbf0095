// `oci:Core/routeTable:RouteTable` and `…/securityList:SecurityList`, both with their rules inline.
import type { RouteTableState } from "@pulumi/oci/core/routeTable.js";
import type { SecurityListState } from "@pulumi/oci/core/securityList.js";
import { z } from "zod";
import { type Kind, type Plain, resourceOf } from "../../../bridged/resource.ts";
import type { Properties } from "../../../double.ts";
import { conflict, present } from "../errors.ts";
import type { Rule, Tenancy } from "../state.ts";
import { about, aboutComputed, newThing, operationsOf, rename, toldOf } from "./common.ts";

const routeRule = z.strictObject({
  destination: z.string(),
  destinationType: z.literal("CIDR_BLOCK").default("CIDR_BLOCK"),
  networkEntityId: z.string(),
  description: z.string().optional(),
  // What the provider itself adds when it reads.
  cidrBlock: z.string().optional(),
  routeType: z.string().optional(),
});

const tableInputs = z.object({ ...about, vcnId: z.string(), routeRules: z.array(routeRule).optional() });

const tableKind: Kind<Tenancy, typeof tableInputs> = {
  inputs: tableInputs,
  defaults: {},
  computed: aboutComputed,
  replaces: ["vcnId"],
  sets: ["routeRules"],
  given: ["state", "timeCreated"],
  canonical: ({ routeRules, ...rest }) => ({ ...rest, ...inOrder(routeRule, { routeRules }) }),
  create(tenancy, wanted) {
    present(tenancy.vcns.get(wanted.vcnId), "CreateRouteTable");
    const table = newThing(tenancy, "routetable", wanted);
    tenancy.tables.set(table.id, { ...table, vcn: wanted.vcnId, routes: routesOf(tenancy, wanted) });
    return table.id;
  },
  state({ tables }, id): Plain<RouteTableState> | undefined {
    const table = tables.get(id);
    if (table === undefined) return undefined;
    return {
      ...toldOf(table),
      routeRules: table.routes.map(({ destination, type, entity }) => ({
        destination,
        destinationType: type,
        networkEntityId: entity,
      })),
      state: "AVAILABLE",
      vcnId: table.vcn,
    };
  },
  update(tenancy, id, wanted) {
    const table = present(tenancy.tables.get(id), "UpdateRouteTable");
    rename(table, wanted);
    table.routes = routesOf(tenancy, wanted);
  },
  remove(tenancy, id) {
    if ([...tenancy.subnets.values()].some(({ table }) => table === id))
      throw conflict("DeleteRouteTable", `The RouteTable ${id} is associated with a subnet`);
    tenancy.tables.delete(id);
  },
  operations: operationsOf("RouteTable"),
};

function routesOf(tenancy: Tenancy, { routeRules = [] }: z.output<typeof tableInputs>) {
  return routeRules.map(({ destination, destinationType: type, networkEntityId: entity }) => {
    present(tenancy.gateways.get(entity), "UpdateRouteTable");
    return { destination, type, entity };
  });
}

const ports = z.strictObject({ min: z.number(), max: z.number() }).optional();
const rule = {
  description: z.string().default(""),
  protocol: z.string(),
  stateless: z.literal(false).default(false),
  tcpOptions: ports,
  udpOptions: ports,
};
const ingressRule = z.strictObject({
  ...rule,
  source: z.string(),
  sourceType: z.literal("CIDR_BLOCK").default("CIDR_BLOCK"),
});
const egressRule = z.strictObject({
  ...rule,
  destination: z.string(),
  destinationType: z.literal("CIDR_BLOCK").default("CIDR_BLOCK"),
});

const listInputs = z.object({
  ...about,
  vcnId: z.string(),
  ingressSecurityRules: z.array(ingressRule).optional(),
  egressSecurityRules: z.array(egressRule).optional(),
});

const listKind: Kind<Tenancy, typeof listInputs> = {
  inputs: listInputs,
  defaults: {},
  computed: aboutComputed,
  replaces: ["vcnId"],
  sets: ["ingressSecurityRules", "egressSecurityRules"],
  given: ["state", "timeCreated"],
  canonical: ({ ingressSecurityRules, egressSecurityRules, ...rest }) => ({
    ...rest,
    ...inOrder(ingressRule, { ingressSecurityRules }),
    ...inOrder(egressRule, { egressSecurityRules }),
  }),
  create(tenancy, wanted) {
    present(tenancy.vcns.get(wanted.vcnId), "CreateSecurityList");
    const list = newThing(tenancy, "securitylist", wanted);
    tenancy.lists.set(list.id, { ...list, vcn: wanted.vcnId, rules: rulesOf(wanted) });
    return list.id;
  },
  state({ lists }, id): Plain<SecurityListState> | undefined {
    const list = lists.get(id);
    if (list === undefined) return undefined;
    return {
      ...toldOf(list),
      egressSecurityRules: list.rules
        .filter(({ out }) => out)
        .map((one) => ({ ...blockOf(one), destination: one.far, destinationType: "CIDR_BLOCK" })),
      ingressSecurityRules: list.rules
        .filter(({ out }) => !out)
        .map((one) => ({ ...blockOf(one), source: one.far, sourceType: "CIDR_BLOCK" })),
      state: "AVAILABLE",
      vcnId: list.vcn,
    };
  },
  update({ lists }, id, wanted) {
    const list = present(lists.get(id), "UpdateSecurityList");
    rename(list, wanted);
    list.rules = rulesOf(wanted);
  },
  remove(tenancy, id) {
    if ([...tenancy.subnets.values()].some(({ lists }) => lists.includes(id)))
      throw conflict("DeleteSecurityList", `The SecurityList ${id} is associated with a subnet`);
    tenancy.lists.delete(id);
  },
  operations: operationsOf("SecurityList"),
};

function rulesOf({
  ingressSecurityRules = [],
  egressSecurityRules = [],
}: z.output<typeof listInputs>): Rule[] {
  const shared = ({ description, protocol, tcpOptions, udpOptions }: z.output<z.ZodObject<typeof rule>>) => {
    const range = tcpOptions ?? udpOptions;
    return { description, protocol, ...(range && { ports: [range.min, range.max] as const }) };
  };
  return [
    ...ingressSecurityRules.map((one) => ({ ...shared(one), out: false, far: one.source })),
    ...egressSecurityRules.map((one) => ({ ...shared(one), out: true, far: one.destination })),
  ];
}

function blockOf({ description, protocol, ports: range }: Rule) {
  const options = range && { min: range[0], max: range[1] };
  return {
    ...{ description, protocol, stateless: false },
    ...(options && protocol === "6" && { tcpOptions: options }),
    ...(options && protocol === "17" && { udpOptions: options }),
  };
}

/** Sets with everything that the provider fills in, in order, so that equal ones are the same. */
function inOrder(model: z.ZodObject, lists: Properties): Properties {
  const parsed = z.array(model);
  return Object.fromEntries(
    Object.entries(lists).flatMap(([key, list]) => {
      const known = parsed.safeParse(list);
      const sorted = known.data?.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
      return list === undefined ? [] : [[key, sorted ?? list]];
    }),
  );
}

/** The types of this file, as doubles. */
export const table = resourceOf(tableKind);
export const list = resourceOf(listKind);
