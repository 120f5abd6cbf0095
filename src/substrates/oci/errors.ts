// What the plugin's error texts tell: functions give no status codes (terraform-provider-oci, tfresource; OCI, "API Errors").
import type { Reason } from "../../check/unreadable.ts";

const patterns: readonly (readonly [RegExp, Reason])[] = [
  [/\b429-|TooManyRequests/, "throttled"],
  [/\b401-|NotAuthenticated|can not create client, bad configuration/, "unauthorized"],
  // 404 is the answer to whoever may not look as well: it never proves that there is nothing.
  [/\b403-|\b404-|NotAuthorizedOrNotFound/, "forbidden"],
  [/connection refused/, "refused"],
  [/no such host|no route to host|connection reset|network is unreachable/, "unreachable"],
  [/deadline exceeded|i\/o timeout/, "timeout"],
  [/\b5\d\d-|InternalError|ServiceUnavailable/, "server-error"],
];

/** What a text tells; none: it tells nothing that is known. */
export function diagnose(text: string): Reason | undefined {
  return patterns.find(([pattern]) => pattern.test(text))?.[1];
}

/** What a status of the REST API tells. */
export function reasonOf(status: number): Reason {
  if (status === 401) return "unauthorized";
  if (status === 403 || status === 404) return "forbidden";
  if (status === 429) return "throttled";
  return status >= 500 ? "server-error" : "unparsable";
}
