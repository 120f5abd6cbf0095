// The instance metadata service in both its versions (OCI documentation, "Getting Instance Metadata").
import type { MetadataAnswer, MetadataRequest } from "../../../world/machine.ts";
import type { Instance, Tenancy } from "./state.ts";

/** Answers a request of an instance. */
export function metadataFor(
  tenancy: Tenancy,
  instance: Instance,
  { method, path, headers }: MetadataRequest,
): MetadataAnswer {
  if (method !== "GET") return { status: 405, body: "" };
  const [, version, rest = ""] = /^\/opc\/(v[12])(\/.*)$/.exec(path) ?? [];
  if (version === undefined || (version === "v1" && instance.legacyOff)) return { status: 404, body: "" };
  if (version === "v2" && headers.authorization !== "Bearer Oracle") return { status: 401, body: "" };
  // Whoever comes by a proxy is turned away.
  if (headers["x-forwarded-for"] !== undefined) return { status: 403, body: "" };
  const answer = answers(tenancy, instance)[rest];
  return answer === undefined ? { status: 404, body: "" } : { status: 200, body: answer };
}

function answers({ region }: Tenancy, instance: Instance): Readonly<Record<string, string>> {
  return {
    "/instance/id": instance.id,
    "/instance/displayName": instance.title,
    "/instance/region": region,
    "/instance/availabilityDomain": instance.domain,
    "/instance/faultDomain": instance.faultDomain,
    "/instance/compartmentId": instance.compartment,
    "/instance/image": instance.image,
    "/instance/shape": instance.shape,
  };
}
