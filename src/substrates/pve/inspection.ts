// How Proxmox VE is looked at and mended: the parts, joined.
import { Seen } from "../seen.ts";
import type { Inspection } from "../substrate.ts";
import { openApi } from "./api.ts";
import { gateChecks } from "./checks/gates.ts";
import { remainsCheck } from "./checks/remains.ts";
import type { PveConfig } from "./config.ts";
import { planPve } from "./plan.ts";
import { claimOf } from "./repair/claim.ts";
import { mends, replaceable } from "./repair.ts";
import { verifiers } from "./verifiers.ts";

/** Of one whose config has been parsed. */
export function inspectPve(config: PveConfig): Inspection {
  const seen = new Seen();
  return {
    plan: (sight) => planPve(config, sight, seen),
    remains: (sight, patience) => {
      const api = sight.closing.use(openApi(config));
      const gates = gateChecks(config, api, { seen, repair: false });
      return [...gates, remainsCheck(config, api, { run: sight.run, patience })];
    },
    verifiers: (resource) => verifiers(config, resource),
    mends: (failed) => mends(config, failed),
    replaceable: replaceable(config),
    claim: async (claim, signal) => {
      await using api = openApi(config);
      return await claimOf(claim, api, signal);
    },
    observed: () => seen.all(),
  };
}
