// The double of the oci plugin: the resource types and functions that our programs use, computed from a tenancy's state.
import { createPublicKey } from "node:crypto";
import { z } from "zod";
import type { Answer } from "../../bridged/functions.ts";
import { bridgedSession } from "../../bridged/session.ts";
import type { Properties, ProviderDouble, ProviderSession, ResourceDouble } from "../../double.ts";
import { accountFunctions } from "./functions/account.ts";
import { computeFunctions } from "./functions/compute.ts";
import { networkFunctions } from "./functions/network.ts";
import type { Api } from "./gateway.ts";
import { address } from "./types/address.ts";
import { instance } from "./types/instance.ts";
import { gateway, subnet, vcn } from "./types/network.ts";
import { list, table } from "./types/rules.ts";

const types: Readonly<Record<string, (api: Api) => ResourceDouble>> = {
  "oci:Core/instance:Instance": instance,
  "oci:Core/internetGateway:InternetGateway": gateway,
  "oci:Core/publicIp:PublicIp": address,
  "oci:Core/routeTable:RouteTable": table,
  "oci:Core/securityList:SecurityList": list,
  "oci:Core/subnet:Subnet": subnet,
  "oci:Core/vcn:Vcn": vcn,
};

const functions: Readonly<Record<string, Answer<Api>>> = {
  ...accountFunctions,
  ...computeFunctions,
  ...networkFunctions,
};

const config = z.object({
  tenancyOcid: z.string().optional(),
  userOcid: z.string().optional(),
  fingerprint: z.string().optional(),
  privateKey: z.string().optional(),
  region: z.string(),
});

/** The tokens of everything that it knows. */
export const tokens = { types: Object.keys(types), functions: Object.keys(functions) };

/** A key that may sign: its public half in PEM, and the API as whoever has it sees it. */
type Login = { readonly publicKey: string; readonly api: Api };

/** Who may sign in, by key id. */
const registered = new Map<string, Login>();

/** Lets whoever has this key sign in, until disposed of. @param keyId `<tenancy>/<user>/<fingerprint>` */
export function register(keyId: string, login: Login): Disposable {
  registered.set(keyId, login);
  return { [Symbol.dispose]: () => void registered.delete(keyId) };
}

/** The plugin that `@pulumi/oci` in package.json asks for. */
export const ociProvider: ProviderDouble = {
  plugin: "oci",
  version: "4.20.0",
  configure: (properties: Properties) => sessionOver(signIn(config.parse(properties))),
};

/** It asks nothing by itself: a wrong key shows at the first call, here at once. */
function signIn({ tenancyOcid, userOcid, fingerprint, privateKey, region }: z.infer<typeof config>): Api {
  if (privateKey === undefined)
    throw new Error(
      "can not create client, bad configuration: did not find a proper configuration for private key",
    );
  const known = registered.get([tenancyOcid, userOcid, fingerprint].join("/"));
  const shown = createPublicKey(privateKey).export({ type: "spki", format: "pem" });
  if (known === undefined || known.publicKey !== shown)
    throw new Error(
      "401-NotAuthenticated, The required information to complete authentication was not provided or was incorrect.",
    );
  if (region !== known.api.account.region)
    throw new Error(`dial tcp: lookup iaas.${region}.oraclecloud.com: no such host`);
  known.api.signIn("GetTenancy");
  return known.api;
}

/** A configured provider over an API. */
export function sessionOver(api: Api): ProviderSession {
  return bridgedSession(ociProvider.plugin, api, { types, functions });
}
