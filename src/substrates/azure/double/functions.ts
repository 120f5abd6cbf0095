// The functions of the plugin: reading one thing by its names, and what the provider knows of itself.
import type { GetClientConfigResult } from "@pulumi/azure-native/authorization/getClientConfig.js";
import type { GetClientTokenResult } from "@pulumi/azure-native/authorization/getClientToken.js";
import { z } from "zod";
import { type Answer, functionsOver } from "../../bridged/functions.ts";
import type { Properties } from "../../double.ts";
import { notFound } from "./errors.ts";
import type { Api } from "./gateway.ts";
import type { Kind } from "./resource.ts";
import type { Subscription } from "./state.ts";
import { byId } from "./subscription.ts";
import { addressKind, nicKind } from "./types/address.ts";
import { expandedOf, machineKind } from "./types/machine.ts";
import { networkKind, subnetKind, tableKind } from "./types/network.ts";
import { keyKind, securityKind } from "./types/security.ts";

const functionOf = functionsOver<Api>();

/** By token. */
export const functions: Readonly<Record<string, Answer<Api>>> = {
  "azure-native:authorization:getClientConfig": functionOf(
    "Microsoft.Resources/subscriptions/read",
    z.object({}),
    ({ account, identity: { clientId, objectId } }): GetClientConfigResult & Properties => ({
      ...{ clientId, objectId, subscriptionId: account.id, tenantId: account.tenant },
    }),
  ),
  "azure-native:authorization:getClientToken": functionOf(
    "Microsoft.Resources/subscriptions/read",
    z.object({ endpoint: z.string().optional() }),
    ({ identity: { token } }): GetClientTokenResult & Properties => ({ token }),
  ),
  "azure-native:network:getVirtualNetwork": reading(networkKind),
  "azure-native:network:getSubnet": reading(subnetKind),
  "azure-native:network:getRouteTable": reading(tableKind),
  "azure-native:network:getNetworkSecurityGroup": reading(securityKind),
  "azure-native:network:getPublicIPAddress": reading(addressKind),
  "azure-native:network:getNetworkInterface": reading(nicKind),
  "azure-native:compute:getSshPublicKey": reading(keyKind),
  "azure-native:compute:getVirtualMachine": reading(machineKind, (subscription, id, expand) => {
    const machine = byId(subscription.machines, id);
    return machine === undefined ? {} : expandedOf(subscription, machine, expand);
  }),
};

type Expand = (subscription: Subscription, id: string, expand: string | undefined) => Properties;

/** A function that reads what a type of resource is at a path of names: the type's own id tells where. */
function reading<M extends z.ZodObject>(
  { type, told, version, names }: Kind<M>,
  expand: Expand = () => ({}),
): Answer<Api> {
  const [group = "", ...others] = names;
  const shape = Object.fromEntries(names.map((name) => [name, z.string()]));
  const model = z.object({ ...shape, expand: z.string().optional() });
  return functionOf(`${type}/read`, model, ({ account }, args) => {
    const values = z.record(z.string(), z.string().optional()).parse(args);
    const id = pathOf(type, {
      group: values[group] ?? "",
      names: others.map((name) => values[name] ?? ""),
    });
    const whole = `/subscriptions/${account.id}${id}`;
    const found = told(account, whole);
    if (found === undefined) throw notFound(whole);
    return { azureApiVersion: version, ...found, ...expand(account, whole, values.expand) };
  });
}

/** `Microsoft.Network/virtualNetworks/subnets` and two names: `…/virtualNetworks/<name>/subnets/<name>`. */
function pathOf(
  type: string,
  { group, names }: { readonly group: string; readonly names: readonly string[] },
): string {
  const [namespace, ...kinds] = type.split("/");
  const parts = kinds.map((kind, index) => `${kind}/${names[index] ?? ""}`);
  return `/resourceGroups/${group}/providers/${namespace}/${parts.join("/")}`;
}
