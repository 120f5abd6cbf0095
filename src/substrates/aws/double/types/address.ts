// `aws:ec2/eip:Eip`, with the instance that it belongs to.
import type { EipState } from "@pulumi/aws/ec2/eip.js";
import { z } from "zod";
import { type Kind, type Plain, resourceOf } from "../../../bridged/resource.ts";
import { arnOf, newId } from "../account.ts";
import { ApiError, notFound } from "../errors.ts";
import type { Account } from "../state.ts";
import { present, tagged, tags } from "./common.ts";

const inputs = z.object({ domain: z.literal("vpc").default("vpc"), instance: z.string().optional(), tags });

const kind: Kind<Account, typeof inputs> = {
  inputs,
  defaults: {},
  computed: [],
  replaces: ["domain"],
  given: ["allocationId", "arn", "associationId", "networkInterface", "privateIp", "publicDns", "publicIp"],
  create(account, { instance, tags: own = {} }) {
    const most = account.quotas.find(({ code }) => code === "L-0263D0A3")?.value ?? 0;
    if (account.addresses.size >= most)
      throw new ApiError("AllocateAddress", {
        code: "AddressLimitExceeded",
        text: "The maximum number of addresses has been reached.",
      });
    const id = newId(account, "eipalloc");
    account.addresses.set(id, { id, ip: freeIp(account), tags: own });
    associate(account, id, instance);
    return id;
  },
  state: stateOf,
  update(account, id, { instance, tags: own = {} }) {
    const address = present(account.addresses.get(id), () =>
      notFound("AssociateAddress", "InvalidAllocationID.NotFound", id),
    );
    associate(account, id, instance);
    address.tags = own;
  },
  remove: (account, id) => void account.addresses.delete(id),
  operations: {
    ...{ create: "AllocateAddress", read: "DescribeAddresses" },
    ...{ update: "AssociateAddress", remove: "ReleaseAddress" },
  },
};

/** RFC 5737: TEST-NET-3 stands for AWS's own. */
function freeIp({ addresses }: Account): string {
  const taken = new Set([...addresses.values()].map(({ ip }) => ip));
  const all = Array.from({ length: 100 }, (_, index) => `203.0.113.${index + 1}`);
  const free = all.find((ip) => !taken.has(ip));
  if (free === undefined)
    throw new ApiError("AllocateAddress", { code: "InsufficientAddressCapacity", text: "Not enough." });
  return free;
}

/** An instance has one; the provider lets a new association take the place of another. */
export function associate(account: Account, id: string, instance: string | undefined): void {
  const address = account.addresses.get(id);
  if (address === undefined || address.association?.instance === (instance || undefined)) return;
  delete address.association;
  if (instance === undefined || instance === "") return;
  const target = account.instances.get(instance);
  if (target === undefined || target.state === "terminated")
    throw notFound("AssociateAddress", "InvalidInstanceID.NotFound", instance);
  const vpc = account.subnets.get(target.subnet)?.vpc;
  if (![...account.gateways.values()].some((gateway) => gateway.vpc === vpc))
    throw new ApiError("AssociateAddress", {
      code: "Gateway.NotAttached",
      text: `Network ${vpc} is not attached to any internet gateway`,
    });
  address.association = { id: newId(account, "eipassoc"), instance };
}

function stateOf(account: Account, id: string): Plain<EipState> | undefined {
  const address = account.addresses.get(id);
  if (address === undefined) return undefined;
  const instance = account.instances.get(address.association?.instance ?? "");
  return {
    allocationId: id,
    arn: arnOf(account, "elastic-ip", id),
    associationId: address.association?.id ?? "",
    domain: "vpc",
    instance: instance?.id ?? "",
    networkBorderGroup: account.region,
    networkInterface: instance?.eni ?? "",
    privateIp: instance?.address ?? "",
    publicDns: `ec2-${address.ip.replaceAll(".", "-")}.${account.region}.compute.amazonaws.com`,
    publicIp: address.ip,
    publicIpv4Pool: "amazon",
    region: account.region,
    ...tagged(address.tags),
  };
}

/** The type's double. */
export const address = resourceOf(kind);
