// Tells a silent guest from a broken way of asking: one that is silent while its siblings answer is at fault itself.
import type { Name } from "../environment/name.ts";
import { blocked, fail, type Outcome, say } from "./outcome.ts";

/** What the API says of a guest while it is silent. */
export type Power = {
  readonly running: boolean;
  /** Whether it is just being switched on. */
  readonly starting?: boolean;
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
  mayBeBooting({ running, starting = false, uptime }: Power, asking: number): boolean {
    const asked = performance.now() - this.#began;
    const isEarly = asked < Math.min(this.#bootDeadline, rebootTime);
    return (running || starting) && (isEarly || (uptime ?? asked) - asking < this.#bootDeadline);
  }
}

/** Asks a guest that has answered once more, in a time of its own. Throws where it does not answer now. */
type Again = () => Promise<unknown>;

/** Siblings that have answered and are asked again: where none of so many does, asking has ceased to work. */
const most = 3;

/** All guests that are asked in one and the same way. Each reports once whether it was heard. */
export class Chorus {
  readonly #voices: ReadonlyMap<Name, PromiseWithResolvers<Again | undefined>>;
  readonly #heard = new Map<Name, Again>();
  readonly #asking = new Map<Name, Promise<unknown>>();

  constructor(members: readonly Name[]) {
    this.#voices = new Map(members.map((member) => [member, Promise.withResolvers()]));
  }

  /** Reports that a member answered, and how to ask it again; or, with nothing to ask by, that it did not. */
  report(member: Name, again?: Again): void {
    const voice = this.#voices.get(member);
    voice?.resolve(again);
    if (voice !== undefined && again !== undefined) this.#heard.set(member, again);
  }

  /** Judges a member that stayed silent past its boot deadline. Waits for siblings that have not reported yet. */
  async judge(silent: Name, power: Power): Promise<Outcome> {
    this.report(silent);
    if (!power.running) return fail(say`${silent} is not running`);
    if (await this.#siblingAnswers(silent))
      return fail(say`${silent} is running and silent past its boot deadline, while a sibling answers`);
    return blocked(say`could not look: ${silent} is silent, and no sibling shows that asking works at all`);
  }

  /** Whether one answers now: that it did before the silence began proves nothing. */
  async #siblingAnswers(silent: Name): Promise<boolean> {
    const voices = [...this.#voices].filter(([member]) => member !== silent);
    const any = voices.map(async ([, { promise }]) => (await promise) ?? Promise.reject(new Error("silent")));
    await Promise.any(any).catch(() => undefined);
    const heard = [...this.#heard].filter(([member]) => member !== silent);
    // From all over the list: those beside each other may have the same trouble.
    const some = heard.filter((_, index) => index % Math.ceil(heard.length / most) === 0);
    return Promise.any(some.map(([member, again]) => this.#ask(member, again))).then(
      () => true,
      () => false,
    );
  }

  /** All who want to know of one at the same time are told by one answer. Rejects where there is none. */
  #ask(member: Name, again: Again): Promise<unknown> {
    const asking = this.#asking.get(member) ?? again().finally(() => this.#asking.delete(member));
    this.#asking.set(member, asking);
    return asking;
  }
}
