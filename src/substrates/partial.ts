// What a provider throws when a resource was made but is not what it should be.
import type { ResourceState } from "./double.ts";

/** The engine keeps such a resource in its state, shows the cause, and finishes it with the next update. */
export class HalfMade extends Error {
  /** As far as it got. */
  readonly state: ResourceState;

  constructor(state: ResourceState, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.state = state;
  }
}
