// How a cloud is looked at and mended: what is the same for every one, around the parts that are its own.
import type { Check } from "../../check/check.ts";
import { Seen } from "../seen.ts";
import type { Inspection, Sight } from "../substrate.ts";

/** What is particular to one cloud. */
export type CloudInspection = Pick<Inspection, "verifiers" | "mends" | "replaceable"> & {
  readonly plan: (sight: Sight, seen: Seen) => readonly Check[];
  /** The gates, and what is left of a run; see `Inspection.remains`. */
  readonly remains: (sight: Sight, seen: Seen, patience: number) => readonly Check[];
};

/** Joins them. */
export function inspectCloud({ plan, remains, ...own }: CloudInspection): Inspection {
  const seen = new Seen();
  return {
    ...own,
    plan: (sight) => plan(sight, seen),
    remains: (sight, patience) => remains(sight, seen, patience),
    claim: async () => undefined,
    observed: () => seen.all(),
  };
}
