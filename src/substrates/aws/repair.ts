// What repairs this substrate where the engine sees nothing to change: by making a thing anew.
import type { CheckId, CheckKey } from "../../check/key.ts";
import { type Name, name } from "../../environment/name.ts";
import type { Replaceable } from "../substrate.ts";
import type { AwsConfig } from "./config.ts";
import { logical } from "./names.ts";

/** Every guest, and the key pair, whose text the engine never reads back. */
export function replaceable(config: AwsConfig): readonly Replaceable[] {
  return [keyPair, ...config.guests.map(({ name: own }) => guestOf(config, own))];
}

const keyPair: Replaceable = {
  target: name.parse(logical.key),
  dead: ["aws.sshkey"],
  close: ["aws.sshkey"],
  witnesses: [],
  provided: ["aws.drift"],
};

/** EC2 tells of a guest without the network between: its image, user data and state. */
function guestOf({ guests }: AwsConfig, own: Name): Replaceable {
  const others = guests.filter((guest) => guest.name !== own);
  return {
    target: own,
    dead: keys(
      ["aws.bootstrap", "g.ssh", "g.cloudinit", "g.hostname", "g.addr", "g.userdata", "g.instanceid"],
      own,
    ),
    close: keys(["aws.bootstrap"], own),
    witnesses: others.flatMap((guest) => keys(["g.ssh"], guest.name)),
    provided: ["aws.drift", "aws.network", "aws.routes", "aws.sg", "aws.images", "aws.shapes", "aws.quotas"],
  };
}

function keys(ids: readonly CheckId[], target: Name): readonly CheckKey[] {
  return ids.map((id) => `${id}@${target}` as const);
}
