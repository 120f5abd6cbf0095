// What the plugin's error texts tell: functions give no status codes (aws-sdk-go-v2, smithy; EC2 API, "Error codes").
import type { Reason } from "../../check/unreadable.ts";

const patterns: readonly (readonly [RegExp, Reason | "absent"])[] = [
  [/RequestLimitExceeded|Throttl|TooManyRequests|StatusCode: 429/, "throttled"],
  [
    /AuthFailure|InvalidClientTokenId|ExpiredToken|SignatureDoesNotMatch|No valid credential|StatusCode: 401/,
    "unauthorized",
  ],
  [/UnauthorizedOperation|AccessDenied|StatusCode: 403/, "forbidden"],
  [/query returned no results|no matching .+ found|\.NotFound\b|NoSuchResource/, "absent"],
  [/connection refused/, "refused"],
  [/no such host|no route to host|connection reset|network is unreachable/, "unreachable"],
  [/deadline exceeded|i\/o timeout/, "timeout"],
  [/ServiceUnavailable|InternalError|InternalFailure|StatusCode: 5\d\d/, "server-error"],
];

/** What a text tells; none: it tells nothing that is known. */
export function diagnose(text: string): Reason | "absent" | undefined {
  return patterns.find(([pattern]) => pattern.test(text))?.[1];
}
