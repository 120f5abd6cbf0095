// What repairs this substrate where the engine sees nothing to change: making a thing anew, or a person.
import type { CheckKey } from "../../check/key.ts";
import { name } from "../../environment/name.ts";
import { mendsByHand, replaceableGuests } from "../cloud/repair.ts";
import type { Mend, Replaceable } from "../substrate.ts";
import type { AwsConfig } from "./config.ts";
import { logical, runTag } from "./names.ts";

/** Every guest, and the key pair, whose text the engine never reads back. */
export function replaceable({ guests }: AwsConfig): readonly Replaceable[] {
  return [
    keyPair,
    ...replaceableGuests(guests, {
      faults: [
        ...(["aws.bootstrap", "aws.fwdflag", "g.cloudinit", "g.hostname", "g.addr"] as const),
        ...(["g.userdata", "g.instanceid"] as const),
      ],
      provided: [
        ...(["aws.drift", "aws.network", "aws.routes", "aws.sg", "aws.sshkey"] as const),
        ...(["aws.images", "aws.shapes", "aws.quotas"] as const),
      ],
    }),
  ];
}

const keyPair: Replaceable = {
  target: name.parse(logical.key),
  spoiled: ["aws.sshkey"],
  silent: [],
  witnesses: [],
  provided: ["aws.drift"],
};

/** What only a person may put right: it costs money, or is perhaps somebody else's. */
export function mends({ region, image }: AwsConfig, failed: readonly CheckKey[]): readonly Mend[] {
  const advice = {
    "aws.inventory": `things that nobody declared carry the run's tag: aws resourcegroupstaggingapi get-resources --region ${region} --tag-filters Key=${runTag} shows them; take the tag away or remove them`,
    "aws.quotas": `ask for more: aws service-quotas request-service-quota-increase --region ${region} …`,
    "aws.images": `${image.id} is not what is declared or no longer there: choose another image in aws:image`,
  } as const;
  return mendsByHand(advice, failed);
}
