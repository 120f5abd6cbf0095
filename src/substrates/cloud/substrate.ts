// A cloud as a substrate: what is the same for every one, around the parts that are its own.
import type { Common } from "../../environment/common.ts";
import { generateHostKey } from "../../world/hostkey.ts";
import type { OpenSubstrate } from "../substrate.ts";
import { type CloudTopology, cloudEndpoints, cloudFlows } from "./topology.ts";

/** What is particular to one cloud. */
export type CloudParts = Pick<OpenSubstrate, "declare" | "policy" | "inspect">;

/** Opens a cloud whose config has been parsed. */
export function openCloud(
  config: CloudTopology & { readonly common: Common; readonly user: string },
  parts: CloudParts,
): OpenSubstrate {
  return {
    ...parts,
    topology: config.common.topology,
    declaration: config,
    endpoints: cloudEndpoints(config.guests, config.user),
    flows: cloudFlows(config.flows),
    abroad: config.crossings.map(({ far }) => far),
  };
}

/** A new host key for each guest, as stack config has them: OpenSSH private keys by name. */
export function newHostKeys(guests: readonly string[]): Record<string, string> {
  return Object.fromEntries(guests.map((guest) => [guest, generateHostKey().privateKey]));
}
