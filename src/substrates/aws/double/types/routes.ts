// `aws:ec2/routeTable:RouteTable` with its routes inline, and `…/routeTableAssociation:RouteTableAssociation`.
import type { RouteTableState } from "@pulumi/aws/ec2/routeTable.js";
import type { RouteTableAssociationState } from "@pulumi/aws/ec2/routeTableAssociation.js";
import { z } from "zod";
import { type Kind, type Plain, resourceOf, withoutEmpty } from "../../../bridged/resource.ts";
import { arnOf, newId } from "../account.ts";
import { ApiError, notFound } from "../errors.ts";
import type { Account, Route } from "../state.ts";
import { owned, present, tagged, tags } from "./common.ts";

const route = z.strictObject({
  cidrBlock: z.string(),
  gatewayId: z.string().optional(),
  networkInterfaceId: z.string().optional(),
});

const tableInputs = z.object({ vpcId: z.string(), routes: z.array(route).optional(), tags });

const tableKind: Kind<Account, typeof tableInputs> = {
  inputs: tableInputs,
  defaults: {},
  computed: ["routes"],
  replaces: ["vpcId"],
  sets: ["routes"],
  given: ["arn"],
  canonical: ({ routes, ...rest }) => ({
    ...rest,
    ...(Array.isArray(routes) && { routes: routes.map(withoutEmpty) }),
  }),
  create(account, { vpcId, routes = [], tags: own = {} }) {
    present(account.vpcs.get(vpcId), () => notFound("CreateRouteTable", "InvalidVpcID.NotFound", vpcId));
    const id = newId(account, "rtb");
    account.tables.set(id, { id, vpc: vpcId, main: false, routes: routesOf(account, routes), tags: own });
    return id;
  },
  state(account, id): Plain<RouteTableState> | undefined {
    const table = account.tables.get(id);
    if (table === undefined) return undefined;
    return {
      arn: arnOf(account, "route-table", id),
      propagatingVgws: [],
      routes: table.routes.map(({ cidr, gateway, eni }) => ({
        cidrBlock: cidr,
        ...(gateway !== undefined && { gatewayId: gateway }),
        ...(eni !== undefined && { networkInterfaceId: eni }),
      })),
      vpcId: table.vpc,
      ...owned(account),
      ...tagged(table.tags),
    };
  },
  update(account, id, { routes, tags: own = {} }) {
    const table = present(account.tables.get(id), () =>
      notFound("CreateRoute", "InvalidRouteTableID.NotFound", id),
    );
    if (routes !== undefined) table.routes = routesOf(account, routes);
    table.tags = own;
  },
  remove(account, id) {
    const used = [...account.associations.values()].some(({ table }) => table === id);
    const text = `The routeTable '${id}' has dependencies and cannot be deleted.`;
    if (used) throw new ApiError("DeleteRouteTable", { code: "DependencyViolation", text });
    account.tables.delete(id);
  },
  operations: {
    ...{ create: "CreateRouteTable", read: "DescribeRouteTables" },
    ...{ update: "CreateRoute", remove: "DeleteRouteTable" },
  },
};

function routesOf(account: Account, routes: readonly z.output<typeof route>[]): Route[] {
  return routes.map(({ cidrBlock: cidr, gatewayId, networkInterfaceId }) => {
    if (gatewayId !== undefined && !account.gateways.has(gatewayId))
      throw notFound("CreateRoute", "InvalidGatewayID.NotFound", gatewayId);
    return {
      cidr,
      ...(gatewayId !== undefined && { gateway: gatewayId }),
      ...(networkInterfaceId !== undefined && { eni: networkInterfaceId }),
    };
  });
}

const associationInputs = z.object({ routeTableId: z.string(), subnetId: z.string() });

const associationKind: Kind<Account, typeof associationInputs> = {
  inputs: associationInputs,
  defaults: {},
  computed: [],
  replaces: ["subnetId"],
  given: [],
  create(account, { routeTableId, subnetId }) {
    present(account.tables.get(routeTableId), () =>
      notFound("AssociateRouteTable", "InvalidRouteTableID.NotFound", routeTableId),
    );
    if ([...account.associations.values()].some(({ subnet }) => subnet === subnetId))
      throw new ApiError("AssociateRouteTable", {
        code: "Resource.AlreadyAssociated",
        text: `the specified association for route table ${routeTableId} conflicts with an existing association`,
      });
    const id = newId(account, "rtbassoc");
    account.associations.set(id, { id, table: routeTableId, subnet: subnetId });
    return id;
  },
  state(account, id): Plain<RouteTableAssociationState> | undefined {
    const found = account.associations.get(id);
    return found && { region: account.region, routeTableId: found.table, subnetId: found.subnet };
  },
  update(account, id, { routeTableId }) {
    const found = present(account.associations.get(id), () =>
      notFound("ReplaceRouteTableAssociation", "InvalidAssociationID.NotFound", id),
    );
    found.table = routeTableId;
  },
  remove: (account, id) => void account.associations.delete(id),
  operations: {
    ...{ create: "AssociateRouteTable", read: "DescribeRouteTables" },
    ...{ update: "ReplaceRouteTableAssociation", remove: "DisassociateRouteTable" },
  },
};

/** The types of this file, as doubles. */
export const table = resourceOf(tableKind);
export const association = resourceOf(associationKind);
