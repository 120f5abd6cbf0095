// What a failed HTTPS connection means: distrust of a certificate told apart from a lost or refused connection.
import { type Reason, Unreadable } from "../../check/unreadable.ts";

const reasonByCode: Readonly<Record<string, Reason>> = {
  ECONNREFUSED: "refused",
  ETIMEDOUT: "timeout",
};

/** OpenSSL's names of a chain or name that does not fit, as Node gives them (doc/api/tls.md, X509 certificate error codes). */
const distrust = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT_|INVALID_|PATH_LENGTH_)/;

/** What a socket's error means for the observer. */
export function unreadable(error: Error & { code?: unknown }, signal: AbortSignal): Unreadable {
  if (error instanceof Unreadable) return error;
  if (signal.aborted) return new Unreadable("timeout", error.message, { cause: error });
  const code = typeof error.code === "string" ? error.code : "";
  const reason = distrust.test(code) ? "untrusted" : reasonByCode[code];
  return new Unreadable(reason ?? "unreachable", error.message, { cause: error });
}
