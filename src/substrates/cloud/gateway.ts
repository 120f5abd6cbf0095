// What every call to a cloud's API goes through in the lab: latency, faults, who is asking, and what was changed by whom.
import { setTimeout as delay } from "node:timers/promises";
import type { World } from "../../world/world.ts";

/** Who asks: the auditor may only look, and nobody keeps book of the outsider's changes. */
export type Principal = "certifier" | "auditor" | "outsider";

/** What can be in the way of a call. */
type Obstacle = "down" | "unauthorized" | "expired" | "throttled" | "denied";

/** How a cloud puts it. */
export type Manners<A> = {
  /** Before the faults' names: `<cloud>/down`, `<cloud>/denied/<operation>`. */
  readonly cloud: string;
  /** Who a principal is in the cloud's own words. */
  readonly nameOf: (account: A, principal: Principal) => string;
  /** The error that the plugin passes on. */
  readonly refusal: (obstacle: Obstacle, operation: string, who: string) => Error;
  /** Has the world follow the account. */
  readonly lower: (account: A) => void;
};

/** The API of one account, as one principal sees it. */
export class Gateway<A extends { readonly world: World }> {
  readonly account: A;
  readonly #principal: Principal;
  readonly #manners: Manners<A>;

  constructor(account: A, principal: Principal, manners: Manners<A>) {
    this.account = account;
    this.#principal = principal;
    this.#manners = manners;
  }

  /** Who the caller is. */
  get caller(): string {
    return this.#manners.nameOf(this.account, this.#principal);
  }

  /** Lets a reading call through. Throws where the far end is broken. */
  async read(operation: string, signal: AbortSignal): Promise<void> {
    await this.#pass(operation, signal);
  }

  /** Lets a changing call through, has it done, and the world follow. */
  async write<T>(operation: string, signal: AbortSignal, change: () => T): Promise<T> {
    await this.#pass(operation, signal);
    if (this.#principal === "auditor") throw this.#refusal("denied", operation);
    const result = change();
    this.#manners.lower(this.account);
    if (this.#principal !== "outsider")
      this.account.world.effects.push({ principal: this.caller, action: operation });
    return result;
  }

  /** Throws what signing in runs into. The outsider is somebody for whom nothing is broken. */
  signIn(operation: string): void {
    if (this.#principal === "outsider") return;
    const obstacle = (["down", "unauthorized", "expired"] as const).find((one) => this.#isBroken(one));
    if (obstacle !== undefined) throw this.#refusal(obstacle, operation);
  }

  async #pass(operation: string, signal: AbortSignal): Promise<void> {
    if (this.#principal === "outsider") return;
    await delay(this.account.world.latency, undefined, { ref: false, signal });
    this.signIn(operation);
    if (this.#isBroken("throttled")) throw this.#refusal("throttled", operation);
    if (this.#isBroken(`denied/${operation}`)) throw this.#refusal("denied", operation);
  }

  #isBroken(what: string): boolean {
    return this.account.world.isBroken(`${this.#manners.cloud}/${what}`);
  }

  #refusal(obstacle: Obstacle, operation: string): Error {
    return this.#manners.refusal(obstacle, operation, this.caller);
  }
}
