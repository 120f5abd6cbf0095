// The part of a cloud's policies that is the same for every one: what is counted, what may be told to guests, and tags.
import { z } from "zod";
import type { Common } from "../../environment/common.ts";
import type { Secret } from "../../environment/secret.ts";
import type { Facts, SubstratePolicy } from "../policy.ts";
import { ceilingOf } from "./ceiling.ts";
import type { CloudTopology } from "./topology.ts";

type Config = Parameters<typeof ceilingOf>[0] &
  Pick<CloudTopology, "guests"> & { readonly common: Pick<Common, "sshKey"> };

/** What is particular to one cloud. */
type Parts = {
  /** Type tokens of which there is one, and of which each guest has one. */
  readonly once: readonly string[];
  readonly perGuest: readonly string[];
  /** What the certifier signs in with; none where that is not in stack config. */
  readonly credential: Secret | undefined;
  readonly factsOf: SubstratePolicy["factsOf"];
};

/** The policies' view of a configured cloud. */
export function cloudPolicy(config: Config, { once, perGuest, credential, factsOf }: Parts): SubstratePolicy {
  const { common, guests } = config;
  return {
    counts: {
      ...Object.fromEntries(once.map((type) => [type, 1])),
      ...Object.fromEntries(perGuest.map((type) => [type, guests.length])),
    },
    ceiling: ceilingOf(config),
    hostKeys: guests.map(({ hostKey }) => hostKey),
    secrets: [common.sshKey, ...(credential === undefined ? [] : [credential])],
    factsOf,
  };
}

const written = z.record(z.string(), z.string()).default({});

/** The run's ID and expiry in a resource's tags. Throws where they are no tags. */
export function tagsOf(tags: unknown, runTag: string): NonNullable<Facts["tags"]> {
  const { [runTag]: run, ExpiresAt: expires } = written.parse(tags);
  return { run, expires };
}
