// What repairs this substrate where the engine sees nothing to change: making a guest anew, or a person.
import type { CheckKey } from "../../check/key.ts";
import { mendsByHand, replaceableGuests } from "../cloud/repair.ts";
import type { Mend, Replaceable } from "../substrate.ts";
import type { OciConfig } from "./config.ts";
import { runTag } from "./names.ts";

/** Every guest. */
export function replaceable({ guests }: OciConfig): readonly Replaceable[] {
  return replaceableGuests(guests, {
    faults: [
      ...(["oci.bootstrap", "oci.sshkey", "oci.fwdflag", "g.cloudinit", "g.hostname", "g.addr"] as const),
      ...(["g.userdata", "g.instanceid", "g.fw"] as const),
    ],
    provided: [
      ...(["oci.drift", "oci.network", "oci.routes", "oci.sg"] as const),
      ...(["oci.images", "oci.shapes", "oci.quotas"] as const),
    ],
  });
}

/** What only a person may put right: it costs money, or is perhaps somebody else's. */
export function mends({ region, image, tenancy }: OciConfig, failed: readonly CheckKey[]): readonly Mend[] {
  const advice = {
    "oci.inventory": `things that nobody declared carry the run's tag: oci search resource structured-search --region ${region} --query-text "query all resources where freeformTags.key = '${runTag}'" shows them; take the tag away or remove them`,
    "oci.network": `the engine sees nothing to change: look for subnets that nobody declared with oci network subnet list --region ${region}, and remove them or have them declared`,
    "oci.quotas": `ask for more: oci limits service list --compartment-id ${tenancy.id} names the services, the console's "Limits, Quotas and Usage" takes the request`,
    "oci.images": `${image.id} is not what is declared or no longer there: choose another image in oci:image`,
  } as const;
  return mendsByHand(advice, failed);
}
