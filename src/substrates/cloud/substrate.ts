// A cloud as a substrate: what is the same for every one, around the parts that are its own.
import type { Check } from "../../check/check.ts";
import type { Common } from "../../environment/common.ts";
import { generateHostKey } from "../../world/hostkey.ts";
import { Seen } from "../seen.ts";
import type { OpenSubstrate, Sight } from "../substrate.ts";
import { type CloudTopology, cloudEndpoints, cloudFlows } from "./topology.ts";

type Own = Pick<OpenSubstrate, "declare" | "policy" | "verifiers" | "mends" | "replaceable">;

/** What is particular to one cloud. */
export type CloudParts = Own & {
  readonly plan: (sight: Sight, seen: Seen) => readonly Check[];
  /** The gates, and what is left of a run; see `OpenSubstrate.remains`. */
  readonly remains: (sight: Sight, seen: Seen, patience: number) => readonly Check[];
};

/** Opens a cloud whose config has been parsed. */
export function openCloud(
  config: CloudTopology & { readonly common: Common; readonly user: string },
  { plan, remains, ...own }: CloudParts,
): OpenSubstrate {
  const seen = new Seen();
  return {
    ...own,
    topology: config.common.topology,
    declaration: config,
    endpoints: cloudEndpoints(config.guests, config.user),
    flows: cloudFlows(config.flows),
    abroad: config.crossings.map(({ far }) => far),
    plan: (sight) => plan(sight, seen),
    remains: (sight, patience) => remains(sight, seen, patience),
    claim: async () => undefined,
    observed: () => seen.all(),
  };
}

/** A new host key for each guest, as stack config has them: OpenSSH private keys by name. */
export function newHostKeys(guests: readonly string[]): Record<string, string> {
  return Object.fromEntries(guests.map((guest) => [guest, generateHostKey().privateKey]));
}
