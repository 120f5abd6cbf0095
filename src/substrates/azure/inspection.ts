// How Azure is looked at and mended: the parts, joined.
import { inspectCloud } from "../cloud/inspection.ts";
import type { Inspection } from "../substrate.ts";
import { gateChecks } from "./checks/gates.ts";
import { remainsCheck } from "./checks/remains.ts";
import type { AzureConfig } from "./config.ts";
import { planAzure } from "./plan.ts";
import { mends, replaceable } from "./repair.ts";
import { Scene } from "./scene.ts";
import { verifiers } from "./verifiers.ts";

/** Of one whose config has been parsed. */
export function inspectAzure(config: AzureConfig): Inspection {
  const scope = { scene: Scene, gates: gateChecks, remains: remainsCheck };
  return inspectCloud(config, { plan: planAzure, ...scope, verifiers, mends, replaceable });
}
