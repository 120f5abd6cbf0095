// The API in OCI's words: who callers are, and how it refuses them.
import { Gateway, type Manners, type Principal } from "../../cloud/gateway.ts";
import { ApiError, notFound } from "./errors.ts";
import { lower } from "./lower.ts";
import type { Tenancy } from "./state.ts";

/** The API of one tenancy, as one principal sees it. */
export type Api = Gateway<Tenancy>;

/** The API for one principal. */
export function apiFor(tenancy: Tenancy, principal: Principal): Api {
  return new Gateway(tenancy, principal, manners);
}

/** The user that a principal signs as. */
export function userOf(principal: Principal): string {
  return `ocid1.user.oc1..exampleunique${principal}id`;
}

const manners: Manners<Tenancy> = {
  cloud: "oci",
  nameOf: (_, principal) => userOf(principal),
  refusal: (obstacle, operation) => refusals[obstacle](operation),
  lower,
};

const unauthenticated = (operation: string) =>
  new ApiError(operation, {
    ...{ status: 401, code: "NotAuthenticated" },
    text: "The required information to complete authentication was not provided or was incorrect.",
  });

const refusals: Readonly<Record<Parameters<Manners<Tenancy>["refusal"]>[0], (operation: string) => Error>> = {
  down: (operation) =>
    new Error(
      `Post "https://iaas.eu-frankfurt-1.oraclecloud.com/20160918/${operation}": dial tcp 192.0.2.1:443: connect: connection refused`,
    ),
  unauthorized: unauthenticated,
  // API keys do not expire; sessions do, in the same words.
  expired: unauthenticated,
  throttled: (operation) =>
    new ApiError(operation, {
      ...{ status: 429, code: "TooManyRequests" },
      text: "Too many requests for the user",
    }),
  // Whoever may not ask is told what he would be told of what is not there.
  denied: notFound,
};
