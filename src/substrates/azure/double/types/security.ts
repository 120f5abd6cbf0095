// `azure-native:network:NetworkSecurityGroup` with its rules inline, and `azure-native:compute:SshPublicKey`.
import type { GetSshPublicKeyResult } from "@pulumi/azure-native/compute/getSshPublicKey.js";
import type { GetNetworkSecurityGroupResult } from "@pulumi/azure-native/network/getNetworkSecurityGroup.js";
import { z } from "zod";
import type { Properties } from "../../../double.ts";
import { ArmError } from "../errors.ts";
import { type Kind, resourceOf, type Told } from "../resource.ts";
import type { Rule } from "../state.ts";
import { byId, put, thingIdOf } from "../subscription.ts";
import { headOf, headTold, inUse, networkTold, placed } from "./common.ts";

const prefix = z.string().regex(/^(\*|VirtualNetwork|\d+(\.\d+){3}(\/\d+)?)$/, "a prefix that the lab knows");
const port = z.string().regex(/^(\*|\d+(-\d+)?)$/);
const rule = z.object({
  name: z.string().regex(/^[A-Za-z0-9]([\w.-]{0,78}\w)?$/),
  description: z.string().max(140).optional(),
  priority: z.number().int().min(100).max(4096),
  direction: z.enum(["Inbound", "Outbound"]),
  access: z.enum(["Allow", "Deny"]),
  protocol: z.enum(["*", "Tcp", "Udp", "Icmp"]),
  sourcePortRange: z.literal("*"),
  destinationPortRange: port,
  destinationAddressPrefix: prefix,
  sourceAddressPrefix: prefix.optional(),
  sourceAddressPrefixes: z.array(prefix).optional(),
});

const groupInputs = z.object({
  ...placed,
  networkSecurityGroupName: z.string().max(80),
  securityRules: z.array(rule).optional(),
});

/** The type of network security groups. */
export const securityKind: Kind<typeof groupInputs> = {
  inputs: groupInputs,
  type: "Microsoft.Network/networkSecurityGroups",
  version: "2024-05-01",
  names: ["resourceGroupName", "networkSecurityGroupName"],
  replaces: [],
  given: ["name", "type", "etag", "provisioningState", "resourceGuid", "defaultSecurityRules"],
  children: ["securityRules"],
  idOf: (subscription, { resourceGroupName, networkSecurityGroupName: name }) =>
    thingIdOf(subscription, resourceGroupName, `Microsoft.Network/networkSecurityGroups/${name}`),
  put(subscription, id, wanted) {
    const rules = wanted.securityRules ?? byId(subscription.securities, id)?.rules ?? [];
    refuseRules(rules);
    const head = headOf(subscription, securityKind.type, wanted, wanted.networkSecurityGroupName);
    put(subscription.securities, { ...head, rules });
  },
  told(subscription, id): (Told<GetNetworkSecurityGroupResult> & Properties) | undefined {
    const security = byId(subscription.securities, id);
    if (security === undefined) return undefined;
    return {
      ...networkTold(security),
      securityRules: security.rules.map(({ destinationAddressPrefix, ...own }) => ({
        ...{
          ...own,
          id: `${security.id}/securityRules/${own.name}`,
          provisioningState: "Succeeded",
          etag: "",
        },
        ...{ type: "Microsoft.Network/networkSecurityGroups/securityRules" },
        ...(destinationAddressPrefix !== undefined && { destinationAddressPrefix }),
      })),
    };
  },
  remove(subscription, id) {
    const users = [...subscription.subnets.values(), ...subscription.nics.values()];
    if (users.some(({ security }) => security?.toLowerCase() === id.toLowerCase()))
      throw inUse("InUseNetworkSecurityGroupCannotBeDeleted", id);
    subscription.securities.delete(id.toLowerCase());
  },
};

function refuseRules(rules: readonly Rule[]): void {
  const places = rules.map(({ direction, priority }) => `${direction} ${priority}`);
  if (new Set(places).size < places.length)
    throw new ArmError(400, "SecurityRuleConflict", "Security rules have the same Priority and Direction.");
  const bare = rules.find(
    (one) => one.sourceAddressPrefix === undefined && one.sourceAddressPrefixes === undefined,
  );
  if (bare !== undefined)
    throw new ArmError(400, "SecurityRuleInvalidAddressPrefix", `Security rule ${bare.name} has no source.`);
}

const keyInputs = z.object({
  ...placed,
  sshPublicKeyName: z.string().max(80),
  publicKey: z.string().optional(),
});

/** The type of SSH keys. */
export const keyKind: Kind<typeof keyInputs> = {
  inputs: keyInputs,
  type: "Microsoft.Compute/sshPublicKeys",
  version: "2024-11-01",
  names: ["resourceGroupName", "sshPublicKeyName"],
  replaces: ["location"],
  given: ["name", "type", "systemData"],
  idOf: (subscription, { resourceGroupName, sshPublicKeyName }) =>
    thingIdOf(subscription, resourceGroupName, `Microsoft.Compute/sshPublicKeys/${sshPublicKeyName}`),
  put(subscription, _id, wanted) {
    const head = headOf(subscription, keyKind.type, wanted, wanted.sshPublicKeyName);
    put(subscription.keys, { ...head, publicKey: wanted.publicKey ?? "" });
  },
  told(subscription, id): (Told<GetSshPublicKeyResult> & Properties) | undefined {
    const key = byId(subscription.keys, id);
    if (key === undefined) return undefined;
    return {
      ...{ ...headTold(key), publicKey: key.publicKey },
    };
  },
  remove: ({ keys }, id) => void keys.delete(id.toLowerCase()),
};

/** The types of this file, as doubles. */
export const security = resourceOf(securityKind);
export const key = resourceOf(keyKind);
