// The double of the azure-native plugin: the resource types and functions that our programs use, computed from a subscription.
import { z } from "zod";
import { bridgedSession } from "../../bridged/session.ts";
import type { Properties, ProviderDouble, ProviderSession, ResourceDouble } from "../../double.ts";
import { functions } from "./functions.ts";
import { type Api, apiFor, type Identity } from "./gateway.ts";
import type { Subscription } from "./state.ts";
import { address, nic } from "./types/address.ts";
import { group } from "./types/group.ts";
import { machine } from "./types/machine.ts";
import { network, subnet, table } from "./types/network.ts";
import { key, security } from "./types/security.ts";

const types: Readonly<Record<string, (api: Api) => ResourceDouble>> = {
  "azure-native:compute:SshPublicKey": key,
  "azure-native:compute:VirtualMachine": machine,
  "azure-native:network:NetworkInterface": nic,
  "azure-native:network:NetworkSecurityGroup": security,
  "azure-native:network:PublicIPAddress": address,
  "azure-native:network:RouteTable": table,
  "azure-native:network:Subnet": subnet,
  "azure-native:network:VirtualNetwork": network,
  "azure-native:resources:ResourceGroup": group,
};

/** The tokens of everything that it knows. */
export const tokens = { types: Object.keys(types), functions: Object.keys(functions) };

const config = z.object({
  clientId: z.string().optional(),
  clientSecret: z.string().optional(),
  subscriptionId: z.string(),
  tenantId: z.string(),
});

/** Who may sign in, by client id. */
const registered = new Map<string, Login>();

type Login = { readonly secret: string; readonly subscription: Subscription; readonly identity: Identity };

/** Lets whoever has this id and secret sign in to the subscription, until disposed of. */
export function register(clientId: string, login: Login): Disposable {
  registered.set(clientId, login);
  return { [Symbol.dispose]: () => void registered.delete(clientId) };
}

/** The plugin that `@pulumi/azure-native` in package.json asks for. */
export const azureProvider: ProviderDouble = {
  plugin: "azure-native",
  version: "3.28.0",
  configure: (properties: Properties) => sessionOver(signIn(config.parse(properties))),
};

/** Nothing is asked of the far end yet: faults show with the first call. */
function signIn({ clientId = "", clientSecret, subscriptionId, tenantId }: z.infer<typeof config>): Api {
  const known = registered.get(clientId);
  if (known === undefined || known.secret !== clientSecret || known.subscription.tenant !== tenantId)
    throw new Error(
      "ClientSecretCredential authentication failed. AADSTS7000215: Invalid client secret provided.",
    );
  if (known.subscription.id !== subscriptionId)
    throw new Error(
      `Status=404 Code="SubscriptionNotFound" Message="The subscription '${subscriptionId}' could not be found."`,
    );
  return apiFor(known.subscription, known.identity);
}

/** A configured provider over an API. */
export function sessionOver(api: Api): ProviderSession {
  return bridgedSession(azureProvider.plugin, api, { types, functions });
}
