// What repairs this substrate where the engine sees nothing to change: making a guest anew, or a person.
import type { CheckKey } from "../../check/key.ts";
import { mendsByHand, replaceableGuests } from "../cloud/repair.ts";
import type { Mend, Replaceable } from "../substrate.ts";
import type { AzureConfig } from "./config.ts";
import { groupOf, runTag } from "./names.ts";

/** Every guest. Its interface and addresses stay. */
export function replaceable({ guests }: AzureConfig): readonly Replaceable[] {
  return replaceableGuests(guests, {
    faults: [
      ...(["azure.vm", "azure.bootstrap", "azure.fwdflag", "g.cloudinit", "g.hostname", "g.addr"] as const),
      ...(["g.userdata", "g.instanceid"] as const),
    ],
    provided: [
      ...(["azure.drift", "azure.network", "azure.routes", "azure.sg", "azure.sshkey"] as const),
      ...(["azure.images", "azure.shapes", "azure.quotas"] as const),
    ],
  });
}

/** What only a person may put right: it costs money, or is perhaps somebody else's. */
export function mends(config: AzureConfig, failed: readonly CheckKey[]): readonly Mend[] {
  const { location, image } = config;
  const group = groupOf(config);
  const advice = {
    "azure.identity":
      "the subscription is not enabled: az account show tells its state; whoever pays for it can enable it again",
    "azure.regions": `let the subscription use ${location}, and register what it needs: az provider register --namespace Microsoft.Compute (and Microsoft.Network)`,
    "azure.inventory": `things that nobody declared carry the run's tag or stand in ${group}: az resource list --tag ${runTag} and az resource list -g ${group} show them; take the tag away, move or remove them`,
    "azure.quotas": `ask for more: az vm list-usage -l ${location} and az network list-usages -l ${location} show what there is; the portal's "Quotas" takes requests`,
    "azure.shapes": `${config.shape} can not be had: az vm list-skus -l ${location} --size ${config.shape} --all says why; choose another size in azure:shape`,
    "azure.images": `${image.version} is not what is declared or no longer there: az vm image list --all -p ${image.publisher} -f ${image.offer} shows what is; choose another in azure:image`,
  } as const;
  return mendsByHand(advice, failed);
}
