// The API in Azure's words: who callers are, and how it refuses them.
import { Gateway, type Manners, type Principal } from "../../cloud/gateway.ts";
import { ArmError } from "./errors.ts";
import { lower } from "./lower.ts";
import type { Subscription } from "./state.ts";

/** Who somebody is to the directory. */
export type Identity = {
  readonly principal: Principal;
  readonly clientId: string;
  readonly objectId: string;
  /** What its calls to the resource manager carry. */
  readonly token: string;
};

/** The API of one subscription, as one principal sees it. */
export type Api = Gateway<Subscription> & { readonly identity: Identity };

/** The API for one principal. */
export function apiFor(subscription: Subscription, identity: Identity): Api {
  return Object.assign(new Gateway(subscription, identity.principal, manners), { identity });
}

const manners: Manners<Subscription> = {
  cloud: "azure",
  nameOf: (_, principal) => `routerd-${principal}`,
  refusal: (obstacle, operation, who) => refusals[obstacle](operation, who),
  lower,
};

const refusals: Readonly<
  Record<Parameters<Manners<Subscription>["refusal"]>[0], (operation: string, who: string) => Error>
> = {
  down: () =>
    new Error(
      'Get "https://management.azure.com/subscriptions": dial tcp 192.0.2.1:443: connect: connection refused',
    ),
  unauthorized: () => new ArmError(401, "InvalidAuthenticationToken", "The access token is invalid."),
  expired: () =>
    new ArmError(
      401,
      "ExpiredAuthenticationToken",
      "The access token expiry UTC time is earlier than current UTC time.",
    ),
  throttled: () =>
    new ArmError(
      429,
      "TooManyRequests",
      "The request is being throttled as the limit has been reached for operation type.",
    ),
  denied: (operation, who) =>
    new ArmError(
      403,
      "AuthorizationFailed",
      `The client '${who}' does not have authorization to perform action '${operation}' or the scope is invalid.`,
    ),
};
