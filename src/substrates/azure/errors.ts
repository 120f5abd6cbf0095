// What the plugin's error texts tell: functions give no status codes (pulumi-azure-native, azcore; Azure Resource Manager, "Common errors").
import type { Reason } from "../../check/unreadable.ts";

const patterns: readonly (readonly [RegExp, Reason | "absent"])[] = [
  [/TooManyRequests|throttl|Status=429|RESPONSE 429/i, "throttled"],
  [
    /InvalidAuthenticationToken|ExpiredAuthenticationToken|AADSTS|invalid_client|failed to acquire a token|Status=401|RESPONSE 401/,
    "unauthorized",
  ],
  // A subscription that is not found is as often one that may not be seen.
  [/AuthorizationFailed|SubscriptionNotFound|Status=403|RESPONSE 403/, "forbidden"],
  [/NotFound|Status=404|RESPONSE 404/, "absent"],
  [/connection refused/, "refused"],
  [/no such host|no route to host|connection reset|network is unreachable/, "unreachable"],
  [/deadline exceeded|i\/o timeout|operation timed out/, "timeout"],
  [/InternalServerError|ServiceUnavailable|Status=5\d\d|RESPONSE 5\d\d/, "server-error"],
];

/** What a text tells; none: it tells nothing that is known. */
export function diagnose(text: string): Reason | "absent" | undefined {
  return patterns.find(([pattern]) => pattern.test(text))?.[1];
}

/** What a status of Azure Resource Manager means. */
export function reasonOf(status: number): Reason {
  if (status === 401) return "unauthorized";
  if (status === 403) return "forbidden";
  if (status === 429) return "throttled";
  return status >= 500 ? "server-error" : "unparsable";
}
