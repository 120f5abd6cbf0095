// A PVE stack's config, parsed and with every reference resolved: the door of this substrate.
import { type Common, common } from "../../environment/common.ts";
import { parseSection, type RawConfig } from "../../environment/section.ts";
import { refuseContradictions } from "./contradictions.ts";
import { type PveSection, section } from "./section.ts";
import { resolve, type Topology } from "./topology.ts";

/** Everything a PVE stack is configured with, all references resolved. */
export type PveConfig = Omit<PveSection, keyof Topology> & Topology & { readonly common: Common };

/** Parses the `substrate:` and `pve:` sections. Throws `Problem` naming file, key and expectation. */
export function parsePve(raw: RawConfig, origin: string): PveConfig {
  const parsed = parseSection(raw, "pve", { model: section, origin });
  refuseContradictions(parsed, origin);
  return {
    ...parsed,
    ...resolve(parsed, origin),
    common: parseSection(raw, "substrate", { model: common, origin }),
  };
}
