// How AWS is looked at and mended: the parts, joined.
import { inspectCloud } from "../cloud/inspection.ts";
import type { Inspection } from "../substrate.ts";
import { gateChecks } from "./checks/gates.ts";
import { remainsCheck } from "./checks/remains.ts";
import type { AwsConfig } from "./config.ts";
import { planAws } from "./plan.ts";
import { mends, replaceable } from "./repair.ts";
import { Scene } from "./scene.ts";
import { verifiers } from "./verifiers.ts";

/** Of one whose config has been parsed. */
export function inspectAws(config: AwsConfig): Inspection {
  const scope = { scene: Scene, gates: gateChecks, remains: remainsCheck };
  return inspectCloud(config, { plan: planAws, ...scope, verifiers, mends, replaceable });
}
