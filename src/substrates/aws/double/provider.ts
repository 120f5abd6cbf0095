// The double of the aws plugin: the resource types and functions that our programs use, computed from an account's state.
import { z } from "zod";
import type { Answer } from "../../bridged/functions.ts";
import { bridgedSession } from "../../bridged/session.ts";
import type { Principal } from "../../cloud/gateway.ts";
import type { Properties, ProviderDouble, ProviderSession, ResourceDouble } from "../../double.ts";
import { ApiError } from "./errors.ts";
import { accountFunctions } from "./functions/account.ts";
import { computeFunctions } from "./functions/compute.ts";
import { inventoryFunctions } from "./functions/inventory.ts";
import { networkFunctions } from "./functions/network.ts";
import { type Api, apiFor } from "./gateway.ts";
import type { Account } from "./state.ts";
import { address } from "./types/address.ts";
import { instance } from "./types/instance.ts";
import { gateway, subnet, vpc } from "./types/network.ts";
import { association, table } from "./types/routes.ts";
import { group, key } from "./types/security.ts";

const types: Readonly<Record<string, (api: Api) => ResourceDouble>> = {
  "aws:ec2/eip:Eip": address,
  "aws:ec2/instance:Instance": instance,
  "aws:ec2/internetGateway:InternetGateway": gateway,
  "aws:ec2/keyPair:KeyPair": key,
  "aws:ec2/routeTable:RouteTable": table,
  "aws:ec2/routeTableAssociation:RouteTableAssociation": association,
  "aws:ec2/securityGroup:SecurityGroup": group,
  "aws:ec2/subnet:Subnet": subnet,
  "aws:ec2/vpc:Vpc": vpc,
};

const functions: Readonly<Record<string, Answer<Api>>> = {
  ...accountFunctions,
  ...computeFunctions,
  ...inventoryFunctions,
  ...networkFunctions,
};

// Provider properties that are no strings come as JSON text.
const config = z.object({
  accessKey: z.string().optional(),
  secretKey: z.string().optional(),
  region: z.string(),
  allowedAccountIds: z.string().optional(),
});

/** The tokens of everything that it knows. */
export const tokens = { types: Object.keys(types), functions: Object.keys(functions) };

/** Who may sign in: access key → its secret and the account. */
const registered = new Map<string, Login>();

type Login = { readonly secretKey: string; readonly account: Account; readonly principal: Principal };

/** Lets whoever has this key sign in to the account, until disposed of. */
export function register(accessKey: string, login: Login): Disposable {
  registered.set(accessKey, login);
  return { [Symbol.dispose]: () => void registered.delete(accessKey) };
}

/** The plugin that `@pulumi/aws` in package.json asks for. */
export const awsProvider: ProviderDouble = {
  plugin: "aws",
  version: "7.48.0",
  configure: (properties: Properties) => sessionOver(signIn(config.parse(properties))),
};

/** The provider asks STS who it is before anything else, and refuses accounts that are not among the allowed ones. */
function signIn({ accessKey = "", secretKey, region, allowedAccountIds }: z.infer<typeof config>): Api {
  const operation = "GetCallerIdentity";
  const known = registered.get(accessKey);
  if (known === undefined || known.secretKey !== secretKey)
    throw new ApiError(operation, {
      ...{ code: "InvalidClientTokenId", status: 403 },
      text: "The security token included in the request is invalid.",
    });
  if (region !== known.account.region) throw new Error(`invalid AWS Region: ${region}`);
  const api = apiFor(known.account, known.principal);
  api.signIn(operation);
  const allowed =
    allowedAccountIds === undefined ? undefined : z.array(z.string()).parse(JSON.parse(allowedAccountIds));
  if (allowed?.includes(known.account.id) === false)
    throw new Error(`AWS account ID not allowed: ${known.account.id}`);
  return api;
}

/** A configured provider over an API. */
export function sessionOver(api: Api): ProviderSession {
  return bridgedSession(awsProvider.plugin, api, { types, functions });
}
