// Ways to put the substrate out of order in the lab, by name, each with the check that must catch it.
import type { PreparedDrift, PreparedFault } from "../double.ts";

/** Changes behind the engine's back. */
export const drifts: readonly PreparedDrift[] = [];

/** Ways to break the far end. */
export const faults: readonly PreparedFault[] = [];
