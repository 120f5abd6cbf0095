// Tells a silent guest from a broken way of asking: one that is silent while its siblings answer is at fault itself.
import type { Name } from "../environment/name.ts";
import { blocked, fail, type Outcome, say } from "./outcome.ts";

/** What the API says of a guest while it is silent. */
export type Power = {
  readonly running: boolean;
  /** Milliseconds since it was switched on; none where its provider does not tell. */
  readonly uptime?: number;
};

/** Milliseconds that a guest is given, however long it has been switched on: one that reboots by itself keeps its uptime. */
const rebootTime = 60_000;

/** How long a guest has been asked in vain, beginning now. */
export class Patience {
  readonly #began = performance.now();
  readonly #bootDeadline: number;

  /** @param bootDeadline milliseconds from switching a guest on to its answering */
  constructor(bootDeadline: number) {
    this.#bootDeadline = bootDeadline;
  }

  /**
   * Whether it may have been silent because it was booting: silence counts only when all of the last asking, which took so
   * many ms, came after its boot deadline.
   */
  mayBeBooting({ running, uptime }: Power, asking: number): boolean {
    const asked = performance.now() - this.#began;
    const isEarly = asked < Math.min(this.#bootDeadline, rebootTime);
    return running && (isEarly || (uptime ?? asked) - asking < this.#bootDeadline);
  }
}

/** All guests that are asked in one and the same way. Each reports once whether it was heard. */
export class Chorus {
  readonly #voices: ReadonlyMap<Name, PromiseWithResolvers<boolean>>;

  constructor(members: readonly Name[]) {
    this.#voices = new Map(members.map((member) => [member, Promise.withResolvers<boolean>()]));
  }

  /** Reports that a member answered, or that it did not. */
  report(member: Name, heard: boolean): void {
    this.#voices.get(member)?.resolve(heard);
  }

  /** Judges a member that stayed silent past its boot deadline. Waits for siblings that have not reported yet. */
  async judge(silent: Name, power: Power): Promise<Outcome> {
    this.report(silent, false);
    if (!power.running) return fail(say`${silent} is not running`);
    if (await this.#siblingAnswers(silent))
      return fail(say`${silent} is running and silent past its boot deadline, while a sibling answers`);
    return blocked(say`could not look: ${silent} is silent, and no sibling shows that asking works at all`);
  }

  async #siblingAnswers(silent: Name): Promise<boolean> {
    const siblings = [...this.#voices]
      .filter(([member]) => member !== silent)
      .map(([, voice]) => voice.promise);
    const heard = siblings.map(async (voice) => ((await voice) ? true : Promise.reject(new Error("silent"))));
    return Promise.any(heard).catch(() => false);
  }
}
