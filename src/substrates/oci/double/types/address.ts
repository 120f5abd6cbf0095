// `oci:Core/publicIp:PublicIp`, reserved, with the private address that it belongs to.
import type { PublicIpState } from "@pulumi/oci/core/publicIp.js";
import { z } from "zod";
import { type Kind, type Plain, resourceOf } from "../../../bridged/resource.ts";
import { conflict, exceeded, present } from "../errors.ts";
import type { Tenancy } from "../state.ts";
import { about, aboutComputed, newThing, operationsOf, rename, toldOf } from "./common.ts";

const inputs = z.object({ ...about, lifetime: z.literal("RESERVED"), privateIpId: z.string().optional() });

const kind: Kind<Tenancy, typeof inputs> = {
  inputs,
  defaults: {},
  computed: aboutComputed,
  replaces: ["lifetime"],
  given: ["assignedEntityId", "assignedEntityType", "ipAddress", "scope", "state", "timeCreated"],
  create(tenancy, wanted) {
    const limit = tenancy.limits.find(({ name }) => name === "reserved-public-ip-count");
    if (limit !== undefined && limit.used(tenancy) >= limit.value)
      throw exceeded("CreatePublicIp", limit.name);
    const address = newThing(tenancy, "publicip", wanted);
    tenancy.addresses.set(address.id, { ...address, ip: freeIp(tenancy) });
    assign(tenancy, address.id, wanted.privateIpId);
    return address.id;
  },
  state({ addresses }, id): Plain<PublicIpState> | undefined {
    const address = addresses.get(id);
    if (address === undefined) return undefined;
    const { privateIp = "" } = address;
    return {
      ...toldOf(address),
      assignedEntityId: privateIp,
      assignedEntityType: privateIp === "" ? "" : "PRIVATE_IP",
      ipAddress: address.ip,
      lifetime: "RESERVED",
      privateIpId: privateIp,
      scope: "REGION",
      state: privateIp === "" ? "AVAILABLE" : "ASSIGNED",
    };
  },
  update(tenancy, id, wanted) {
    const address = present(tenancy.addresses.get(id), "UpdatePublicIp");
    rename(address, wanted);
    assign(tenancy, id, wanted.privateIpId);
  },
  remove: ({ addresses }, id) => void addresses.delete(id),
  operations: operationsOf("PublicIp"),
};

/** RFC 5737: TEST-NET-1 stands for Oracle's own; what others of the lab's clouds have is elsewhere. */
function freeIp({ addresses }: Tenancy): string {
  const taken = new Set([...addresses.values()].map(({ ip }) => ip));
  const all = Array.from({ length: 100 }, (_, index) => `192.0.2.${index + 101}`);
  const free = all.find((ip) => !taken.has(ip));
  if (free === undefined) throw exceeded("CreatePublicIp", "public-ip-pool");
  return free;
}

/** A private address has one; an empty id takes it away. */
export function assign(tenancy: Tenancy, id: string, privateIp: string | undefined): void {
  const address = present(tenancy.addresses.get(id), "UpdatePublicIp");
  if (address.privateIp === (privateIp || undefined)) return;
  delete address.privateIp;
  if (privateIp === undefined || privateIp === "") return;
  const owner = [...tenancy.instances.values()].find(
    ({ vnic, state }) => vnic.privateIp === privateIp && state !== "TERMINATED",
  );
  const { vnic } = present(owner, "UpdatePublicIp");
  if ([...tenancy.addresses.values()].some((other) => other.privateIp === privateIp))
    throw conflict("UpdatePublicIp", `The private IP ${privateIp} has a public IP already`);
  if (tenancy.subnets.get(vnic.subnet)?.shut.addresses)
    throw conflict("UpdatePublicIp", "The subnet prohibits public IPs on its VNICs");
  address.privateIp = privateIp;
}

/** The type's double. */
export const address = resourceOf(kind);
