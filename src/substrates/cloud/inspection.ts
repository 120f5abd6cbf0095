// How a cloud is looked at and mended: what is the same for every one, around the parts that are its own.
import type { Check } from "../../check/check.ts";
import type { CheckKey } from "../../check/key.ts";
import { Seen } from "../seen.ts";
import type { Inspection, Mend, Replaceable, Sight } from "../substrate.ts";

/** What is particular to one cloud with such a config, whose checks share such a scene; see `Inspection`. */
export type CloudInspection<Config, Scene> = {
  readonly plan: (config: Config, sight: Sight, seen: Seen) => readonly Check[];
  readonly scene: new (config: Config, sight: Sight, seen: Seen) => Scene;
  readonly gates: (scene: Scene) => readonly Check[];
  /** What is left of a run. */
  readonly remains: (scene: Scene, patience: number) => Check;
  readonly verifiers: (config: Config, resource: string) => readonly CheckKey[];
  readonly mends: (config: Config, failed: readonly CheckKey[]) => readonly Mend[];
  readonly replaceable: (config: Config) => readonly Replaceable[];
};

/** Joins them. */
export function inspectCloud<Config, Scene>(
  config: Config,
  parts: CloudInspection<Config, Scene>,
): Inspection {
  const seen = new Seen();
  return {
    plan: (sight) => parts.plan(config, sight, seen),
    remains: (sight, patience) => {
      const scene = new parts.scene(config, sight, seen);
      return [...parts.gates(scene), parts.remains(scene, patience)];
    },
    verifiers: (resource) => parts.verifiers(config, resource),
    mends: (failed) => parts.mends(config, failed),
    replaceable: parts.replaceable(config),
    claim: async () => undefined,
    observed: () => seen.all(),
  };
}
