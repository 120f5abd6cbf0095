// What repairs this substrate where the engine sees nothing to change: making a thing anew, or a person.
import type { CheckId, CheckKey } from "../../check/key.ts";
import { say } from "../../check/outcome.ts";
import { type Name, name } from "../../environment/name.ts";
import { ByHand, type Mend, type Replaceable } from "../substrate.ts";
import type { AwsConfig } from "./config.ts";
import { logical, runTag } from "./names.ts";

/** Every guest, and the key pair, whose text the engine never reads back. */
export function replaceable(config: AwsConfig): readonly Replaceable[] {
  return [keyPair, ...config.guests.map(({ name: own }) => guestOf(config, own))];
}

const keyPair: Replaceable = {
  target: name.parse(logical.key),
  spoiled: ["aws.sshkey"],
  silent: [],
  witnesses: [],
  provided: ["aws.drift"],
};

/** What EC2 tells of the instance, and what the guest tells of itself over a proven login. */
const ownFaults = [
  ...(["aws.bootstrap", "aws.fwdflag", "g.cloudinit", "g.hostname", "g.addr"] as const),
  ...(["g.userdata", "g.instanceid"] as const),
];

function guestOf({ guests }: AwsConfig, own: Name): Replaceable {
  const others = guests.filter((guest) => guest.name !== own);
  return {
    target: own,
    spoiled: keys(ownFaults, own),
    silent: keys(["g.ssh"], own),
    witnesses: others.flatMap((guest) => keys(["g.ssh"], guest.name)),
    provided: [
      ...(["aws.drift", "aws.network", "aws.routes", "aws.sg", "aws.sshkey"] as const),
      ...(["aws.images", "aws.shapes", "aws.quotas"] as const),
    ],
  };
}

function keys(ids: readonly CheckId[], target: Name): readonly CheckKey[] {
  return ids.map((id) => `${id}@${target}` as const);
}

/** What only a person may put right: it costs money, or is perhaps somebody else's. */
export function mends({ region, image }: AwsConfig, failed: readonly CheckKey[]): readonly Mend[] {
  const advice = {
    "aws.inventory": `things that nobody declared carry the run's tag: aws resourcegroupstaggingapi get-resources --region ${region} --tag-filters Key=${runTag} shows them; take the tag away or remove them`,
    "aws.quotas": `ask for more: aws service-quotas request-service-quota-increase --region ${region} …`,
    "aws.images": `${image.id} is not what is declared or no longer there: choose another image in aws:image`,
  } as const;
  return Object.entries(advice).flatMap(([check, text]) => {
    const cures = failed.filter((key) => key === check);
    if (cures.length === 0) return [];
    const apply = () => Promise.reject(new ByHand(text));
    return [
      { target: name.parse(check.replace(".", "-")), intent: say`put it right`, cures, first: false, apply },
    ];
  });
}
