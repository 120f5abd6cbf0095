// What a guest is given in Azure's two fields: its user data as custom data, and the digest of it where it can be read back.
import type { CloudGuest } from "../cloud/topology.ts";
import { digestOf, type Responders, userDataOf } from "../cloud/userdata.ts";

/** Bytes of custom data before base64 that a virtual machine takes (Azure docs, "Custom data and cloud-init"). */
export const mostCustomData = 65_535;

/**
 * In base64. Custom data is never told again by Azure's API, so whoever may only read learns no host key; cloud-init takes
 * it before user data (canonical/cloud-init, DataSourceAzure).
 */
export function customDataOf(guest: CloudGuest, responders: Responders): string {
  return Buffer.from(userDataOf(guest, responders)).toString("base64");
}

/** In base64: `sha256:<hex>` of the custom data. Azure tells it to whoever asks with `$expand=userData`. */
export function witnessOf(guest: CloudGuest, responders: Responders): string {
  return Buffer.from(`sha256:${digestOf(userDataOf(guest, responders))}`).toString("base64");
}
