// The instance metadata service in its protected and its old dialect (EC2 User Guide, "Use IMDS").
import { createHmac, randomBytes } from "node:crypto";
import type { MetadataAnswer, MetadataRequest } from "../../../world/machine.ts";
import type { Account, Instance } from "./state.ts";

const secret = randomBytes(16);
const tokenHeader = "x-aws-ec2-metadata-token";

/** Answers a request of an instance. */
export function metadataOf(account: Account, instance: Instance, request: MetadataRequest): MetadataAnswer {
  const { httpEndpoint, httpTokens } = instance.metadata;
  const { method, path, headers } = request;
  if (httpEndpoint !== "enabled") return { status: 403, body: "" };
  const token = tokenOf(instance);
  if (path === "/latest/api/token") {
    if (method !== "PUT") return { status: 405, body: "" };
    const ttl = Number(headers[`${tokenHeader}-ttl-seconds`]);
    return ttl >= 1 && ttl <= 21_600 ? { status: 200, body: token } : { status: 400, body: "" };
  }
  const shown = headers[tokenHeader];
  if (shown === undefined ? httpTokens === "required" : shown !== token) return { status: 401, body: "" };
  const answer = answers(account, instance)[path];
  return answer === undefined ? { status: 404, body: "" } : { status: 200, body: answer };
}

/** One token for each instance: nothing here asks how long it lives. */
function tokenOf({ id }: Instance): string {
  return createHmac("sha256", secret).update(id).digest("base64");
}

function answers(account: Account, instance: Instance): Readonly<Record<string, string | undefined>> {
  const zone = account.subnets.get(instance.subnet)?.zone;
  const address = [...account.addresses.values()].find(
    ({ association }) => association?.instance === instance.id,
  );
  return {
    "/latest/meta-data/instance-id": instance.id,
    "/latest/meta-data/ami-id": instance.image,
    "/latest/meta-data/local-ipv4": instance.address,
    "/latest/meta-data/public-ipv4": address?.ip,
    "/latest/meta-data/placement/availability-zone": zone,
    "/latest/meta-data/placement/availability-zone-id": account.zones.find(({ name }) => name === zone)?.id,
  };
}
