// Whether a request was signed by somebody who may ask (OCI documentation, "Request Signatures").
import { createHash, createPublicKey, verify } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** A request as it came. */
export type Signed = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

/** What must be signed of a request with a body. */
const demanded = [
  ...["(request-target)", "host", "content-length", "content-type", "x-content-sha256"],
] as const;

/** How far a request's date may be off, in ms. */
const skew = 5 * 60_000;

/**
 * The id of the key that a request is rightly signed with: `<tenancy>/<user>/<fingerprint>`; none: it is not.
 * @param keyOf the public half of a known key, in PEM
 */
export function signerOf(
  request: Signed,
  { keyOf, now }: { readonly keyOf: (keyId: string) => string | undefined; readonly now: number },
): string | undefined {
  const fields = fieldsIn(request.headers.authorization ?? "");
  const names = (fields.headers ?? "").toLowerCase().split(" ");
  const publicKey = keyOf(fields.keyId ?? "");
  if (publicKey === undefined || fields.algorithm !== "rsa-sha256" || fields.version !== "1")
    return undefined;
  const dated = names.find((name) => name === "date" || name === "x-date");
  if (dated === undefined || demanded.some((name) => !names.includes(name))) return undefined;
  const date = Date.parse(headerOf(request, dated));
  if (Number.isNaN(date) || Math.abs(now - date) > skew) return undefined;
  const digest = createHash("sha256").update(request.body).digest("base64");
  if (digest !== request.headers["x-content-sha256"]) return undefined;
  const text = names.map((name) => `${name}: ${headerOf(request, name)}`).join("\n");
  const signature = Buffer.from(fields.signature ?? "", "base64");
  const right = verify("sha256", Buffer.from(text), createPublicKey(publicKey), signature);
  return right ? fields.keyId : undefined;
}

/** `Signature version="1",keyId="…",…` */
function fieldsIn(authorization: string): Readonly<Record<string, string>> {
  const [, rest = ""] = /^Signature (.*)$/.exec(authorization) ?? [];
  const found = rest.matchAll(/(\w+)="([^"]*)"/g);
  return Object.fromEntries([...found].map(([, name = "", value = ""]) => [name, value]));
}

function headerOf({ method, url, headers }: Signed, name: string): string {
  if (name === "(request-target)") return `${method.toLowerCase()} ${url}`;
  return [headers[name] ?? ""].flat().join(", ");
}
