// The API in AWS's words: who callers are, and how it refuses them.
import { Gateway, type Manners, type Principal } from "../../cloud/gateway.ts";
import { ApiError } from "./errors.ts";
import { lower } from "./lower.ts";
import type { Account } from "./state.ts";

/** The API of one account, as one principal sees it. */
export type Api = Gateway<Account>;

/** The API for one principal. */
export function apiFor(account: Account, principal: Principal): Api {
  return new Gateway(account, principal, manners);
}

const manners: Manners<Account> = {
  cloud: "aws",
  nameOf: ({ id }, principal) => `arn:aws:sts::${id}:assumed-role/routerd-${principal}/session`,
  refusal: (obstacle, operation, who) => refusals[obstacle](operation, who),
  lower,
};

const refusals: Readonly<
  Record<Parameters<Manners<Account>["refusal"]>[0], (operation: string, who: string) => Error>
> = {
  down: (operation) =>
    new Error(
      `operation error EC2: ${operation}, https response error StatusCode: 0, RequestID: , request send failed, dial tcp 192.0.2.1:443: connect: connection refused`,
    ),
  unauthorized: (operation) =>
    new ApiError(operation, {
      ...{ code: "AuthFailure", status: 401 },
      text: "AWS was not able to validate the provided access credentials",
    }),
  expired: (operation) =>
    new ApiError(operation, {
      ...{ code: "ExpiredToken", status: 403 },
      text: "The security token included in the request is expired",
    }),
  throttled: (operation) =>
    new ApiError(operation, {
      ...{ code: "RequestLimitExceeded", status: 503 },
      text: "Request limit exceeded.",
    }),
  denied: (operation, who) =>
    new ApiError(operation, {
      ...{ code: "UnauthorizedOperation", status: 403 },
      text: `You are not authorized to perform this operation. User: ${who} is not authorized to perform: ec2:${operation}`,
    }),
};
