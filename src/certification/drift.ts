// The drift check: is every declared resource as declared, by the engine's own refreshed preview.
import type { Check } from "../check/check.ts";
import type { CheckId } from "../check/key.ts";
import { blocked, fail, list, type Outcome, pass, type Sentence, say } from "../check/outcome.ts";
import type { Change, Events } from "../engine/changes.ts";
import { Locked } from "../engine/lock.ts";

/** Past this even a large substrate's refresh is stuck, in ms. */
const deadline = 15 * 60_000;

/** The id of a substrate's drift check, which is planned for every substrate. */
export function driftId(substrate: string): CheckId {
  return `${substrate}.drift`;
}

/** Whether a check is one of these. */
export function isDrift({ id }: Check): boolean {
  return id.endsWith(".drift");
}

/** The id of the check that what carries the run's tag is what is declared, which every substrate plans. */
export function inventoryId(substrate: string): CheckId {
  return `${substrate}.inventory`;
}

/** The drift check of a substrate. */
export function driftCheck(
  substrate: string,
  after: Check["after"],
  preview: () => Promise<Events | undefined>,
): Check & { readonly id: CheckId } {
  return {
    id: driftId(substrate),
    after,
    deadline,
    observe: async () => {
      const events = await preview().catch(asLocked);
      if (events instanceof Locked)
        return blocked(say`locked by another update for ${events.minutes} minutes`);
      return events === undefined
        ? fail(say`never provisioned: there is no such stack yet; --repair creates it`)
        : judge(events.changes);
    },
  };
}

function asLocked(error: unknown): Locked {
  if (error instanceof Locked) return error;
  throw error;
}

function judge(changes: readonly Change[]): Outcome {
  return changes.length === 0
    ? pass(say`every declared resource is as declared`)
    : fail(say`${changes.length} resources differ: ${list(changes.map(describe), "; ")}`);
}

const missing = {
  create: "is missing",
  delete: "is not declared",
  import: "is not imported",
  absent: "is adopted and not there",
} as const;

/** `client1: agent.enabled`, or `client2 is missing`. */
function describe({ name, action, properties }: Change): Sentence {
  if (action !== "update" && action !== "replace") return say`${name} ${missing[action]}`;
  if (properties.length > 0) return say`${name}: ${list(properties)}`;
  return action === "replace" ? say`${name} must be replaced` : say`${name} differs`;
}
