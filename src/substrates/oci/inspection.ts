// How OCI is looked at and mended: the parts, joined.
import { inspectCloud } from "../cloud/inspection.ts";
import type { Inspection } from "../substrate.ts";
import { gateChecks } from "./checks/gates.ts";
import { remainsCheck } from "./checks/remains.ts";
import type { OciConfig } from "./config.ts";
import { planOci } from "./plan.ts";
import { mends, replaceable } from "./repair.ts";
import { Scene } from "./scene.ts";
import { verifiers } from "./verifiers.ts";

/** Of one whose config has been parsed. */
export function inspectOci(config: OciConfig): Inspection {
  const scope = { scene: Scene, gates: gateChecks, remains: remainsCheck };
  return inspectCloud(config, { plan: planOci, ...scope, verifiers, mends, replaceable });
}
