// What the plugins' and far ends' error texts tell. Only "absent" may make a check fail: everything else could not be seen.
import { describe, expect, it } from "vitest";
import type { Reason } from "../../../src/check/unreadable.ts";
import { diagnose as aws } from "../../../src/substrates/aws/errors.ts";
import { diagnose as azure, reasonOf as azureStatus } from "../../../src/substrates/azure/errors.ts";
import { diagnose as oci, reasonOf as ociStatus } from "../../../src/substrates/oci/errors.ts";

type Told = readonly [text: string, reason: Reason | "absent" | undefined];

/** What Go's network library says, in every plugin. */
const wire: readonly Told[] = [
  ["dial tcp 192.0.2.1:443: connect: connection refused", "refused"],
  ["dial tcp: lookup api.example.test: no such host", "unreachable"],
  ["dial tcp 192.0.2.1:443: connect: no route to host", "unreachable"],
  ["read tcp 192.0.2.1:443: read: connection reset by peer", "unreachable"],
  ["dial tcp 192.0.2.1:443: connect: network is unreachable", "unreachable"],
  ["context deadline exceeded", "timeout"],
  ["dial tcp 192.0.2.1:443: i/o timeout", "timeout"],
  ["something that nobody has seen yet", undefined],
  ["", undefined],
];

const code = (status: number) => `https response error StatusCode: ${status}, RequestID: 6a7c`;

describe("what the plugin of AWS says", () => {
  it.each<Told>([
    ["api error RequestLimitExceeded: Request limit exceeded.", "throttled"],
    ["api error ThrottlingException: Rate exceeded", "throttled"],
    ["api error TooManyRequestsException", "throttled"],
    [code(429), "throttled"],
    ["api error AuthFailure: AWS was not able to validate the credentials", "unauthorized"],
    ["api error InvalidClientTokenId: The security token is invalid", "unauthorized"],
    ["api error ExpiredTokenException: The security token is expired", "unauthorized"],
    ["api error SignatureDoesNotMatch", "unauthorized"],
    ["No valid credential sources found", "unauthorized"],
    [code(401), "unauthorized"],
    ["api error UnauthorizedOperation: You are not authorized", "forbidden"],
    ["api error AccessDenied: User is not authorized", "forbidden"],
    [code(403), "forbidden"],
    ["your query returned no results. Please change your search criteria", "absent"],
    ["no matching EC2 VPC found", "absent"],
    ["api error InvalidGroup.NotFound: The security group does not exist", "absent"],
    ["api error NoSuchResourceException", "absent"],
    ["api error ServiceUnavailable", "server-error"],
    ["api error InternalError: An internal error has occurred", "server-error"],
    ["api error InternalFailure", "server-error"],
    [code(503), "server-error"],
    ["api error InvalidParameterValue: StatusCode: 400", undefined],
    ["no matching credentials", undefined],
    ...wire,
  ])("%j: %s", (text, reason) => {
    expect(aws(text)).toBe(reason);
  });

  it("is throttling or a lack of rights even where it goes on about what is not found", () => {
    expect(aws("AccessDenied; api error InvalidVpcID.NotFound")).toBe("forbidden");
    expect(aws("Throttling; no matching EC2 VPC found")).toBe("throttled");
  });
});

describe("what the plugin of Azure says", () => {
  it.each<Told>([
    ['Code="TooManyRequests"', "throttled"],
    ["The request is being Throttled", "throttled"],
    ["autorest: Status=429", "throttled"],
    ["RESPONSE 429: 429 Too Many Requests", "throttled"],
    ['Code="InvalidAuthenticationTokenTenant"', "unauthorized"],
    ['Code="ExpiredAuthenticationToken"', "unauthorized"],
    ["AADSTS700082: The refresh token has expired", "unauthorized"],
    ['{"error":"invalid_client"}', "unauthorized"],
    ["azidentity: failed to acquire a token", "unauthorized"],
    ["autorest: Status=401", "unauthorized"],
    ["RESPONSE 401: 401 Unauthorized", "unauthorized"],
    ['Code="AuthorizationFailed"', "forbidden"],
    ['Status=404 Code="SubscriptionNotFound"', "forbidden"],
    ["autorest: Status=403", "forbidden"],
    ["RESPONSE 403: 403 Forbidden", "forbidden"],
    ['Code="ResourceNotFound"', "absent"],
    ['Code="ResourceGroupNotFound"', "absent"],
    ['Code="NotFound"', "absent"],
    ["autorest: Status=404", "absent"],
    ["RESPONSE 404: 404 Not Found", "absent"],
    ["operation timed out", "timeout"],
    ['Code="InternalServerError"', "server-error"],
    ['Code="ServiceUnavailable"', "server-error"],
    ["autorest: Status=502", "server-error"],
    ["RESPONSE 503: 503 Service Unavailable", "server-error"],
    ["autorest: Status=400", undefined],
    ...wire,
  ])("%j: %s", (text, reason) => {
    expect(azure(text)).toBe(reason);
  });
});

describe("what the plugin of OCI says", () => {
  it.each<Told>([
    ["Error: 429-TooManyRequests", "throttled"],
    ["Error Message: TooManyRequests", "throttled"],
    ["429-", "throttled"],
    ["401-NotAuthenticated", "unauthorized"],
    ["401-", "unauthorized"],
    ["NotAuthenticated", "unauthorized"],
    ["can not create client, bad configuration: did not find a proper configuration", "unauthorized"],
    ["403-NotAllowed", "forbidden"],
    ["404-NotAuthorizedOrNotFound, Authorization failed or requested resource not found.", "forbidden"],
    ["404-", "forbidden"],
    ["NotAuthorizedOrNotFound", "forbidden"],
    ["500-InternalServerError", "server-error"],
    ["InternalError", "server-error"],
    ["ServiceUnavailable", "server-error"],
    ["400-InvalidParameter", undefined],
    ...wire,
  ])("%j: %s", (text, reason) => {
    expect(oci(text)).toBe(reason);
  });
});

it.each<[number, Reason, Reason]>([
  [400, "unparsable", "unparsable"],
  [401, "unauthorized", "unauthorized"],
  [403, "forbidden", "forbidden"],
  [404, "unparsable", "forbidden"],
  [429, "throttled", "throttled"],
  [499, "unparsable", "unparsable"],
  [500, "server-error", "server-error"],
  [503, "server-error", "server-error"],
])("the status %s means %s at Azure and %s at OCI", (status, atAzure, atOci) => {
  expect(azureStatus(status)).toBe(atAzure);
  expect(ociStatus(status)).toBe(atOci);
});
