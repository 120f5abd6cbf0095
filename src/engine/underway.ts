// Whether an engine that changes things is at work, by its events: what it has begun and not ended, and when it last said anything.
import { setTimeout as pause } from "node:timers/promises";
import { type EngineEvent, engineEvent } from "./event.ts";

/** The stack itself is begun with the first resource and ended with the program. */
const stack = "pulumi:pulumi:Stack";

/** The steps of one run. */
export class UnderWay {
  /** How many of a resource's: one that is replaced is deleted and made. */
  readonly #open = new Map<string, number>();
  #last = performance.now();

  /** Takes an event as the Automation API gives it. */
  note(event: unknown): void {
    this.#last = performance.now();
    const { resourcePreEvent, resOutputsEvent, resOpFailedEvent } = engineEvent.safeParse(event).data ?? {};
    this.#count(resourcePreEvent, 1);
    this.#count(resOutputsEvent ?? resOpFailedEvent, -1);
  }

  /** Resolves once nothing has been under way, and nothing been said, for so many ms. */
  async rest(ms: number): Promise<void> {
    while (this.#open.size > 0 || performance.now() - this.#last < ms) await pause(Math.min(ms, 100));
  }

  #count(said: EngineEvent["resourcePreEvent"], by: 1 | -1): void {
    if (said === undefined || said.metadata.type === stack) return;
    const { urn } = said.metadata;
    const left = Math.max(0, (this.#open.get(urn) ?? 0) + by);
    if (left === 0) this.#open.delete(urn);
    else this.#open.set(urn, left);
  }
}
