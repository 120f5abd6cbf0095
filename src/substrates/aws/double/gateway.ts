// What every call to the API goes through: latency, faults, who is asking, and what was changed by whom.
import { setTimeout as delay } from "node:timers/promises";
import { ApiError } from "./errors.ts";
import { lower } from "./lower.ts";
import type { Account } from "./state.ts";

/** Who asks: the auditor may only look, and nobody keeps book of the outsider's changes. */
export type Principal = "certifier" | "auditor" | "outsider";

/** The API of one account, as one principal sees it. */
export class Api {
  readonly account: Account;
  readonly #principal: Principal;

  constructor(account: Account, principal: Principal) {
    this.account = account;
    this.#principal = principal;
  }

  /** Who the caller is, as STS tells it. */
  get arn(): string {
    return `arn:aws:sts::${this.account.id}:assumed-role/routerd-${this.#principal}/session`;
  }

  /** Lets a reading call through. Throws where the far end is broken. */
  async read(operation: string, signal: AbortSignal): Promise<void> {
    await this.#pass(operation, signal);
  }

  /** Lets a changing call through, has it done, and the world follow. */
  async write<T>(operation: string, signal: AbortSignal, change: () => T): Promise<T> {
    await this.#pass(operation, signal);
    if (this.#principal === "auditor") throw this.#denied(operation);
    const result = change();
    lower(this.account);
    if (this.#principal !== "outsider")
      this.account.world.effects.push({ principal: this.arn, action: operation });
    return result;
  }

  /** Throws what signing in runs into. The outsider is somebody for whom nothing is broken. */
  signIn(operation: string): void {
    const { world } = this.account;
    if (this.#principal === "outsider") return;
    if (world.isBroken("aws/down"))
      throw new Error(
        `operation error EC2: ${operation}, https response error StatusCode: 0, RequestID: , request send failed, dial tcp 192.0.2.1:443: connect: connection refused`,
      );
    if (world.isBroken("aws/unauthorized"))
      throw new ApiError(operation, {
        ...{ code: "AuthFailure", status: 401 },
        text: "AWS was not able to validate the provided access credentials",
      });
    if (world.isBroken("aws/expired"))
      throw new ApiError(operation, {
        ...{ code: "ExpiredToken", status: 403 },
        text: "The security token included in the request is expired",
      });
  }

  async #pass(operation: string, signal: AbortSignal): Promise<void> {
    const { world } = this.account;
    if (this.#principal === "outsider") return;
    await delay(world.latency, undefined, { ref: false, signal });
    this.signIn(operation);
    if (world.isBroken("aws/throttled"))
      throw new ApiError(operation, {
        ...{ code: "RequestLimitExceeded", status: 503 },
        text: "Request limit exceeded.",
      });
    if (world.isBroken(`aws/denied/${operation}`)) throw this.#denied(operation);
  }

  #denied(operation: string): ApiError {
    return new ApiError(operation, {
      ...{ code: "UnauthorizedOperation", status: 403 },
      text: `You are not authorized to perform this operation. User: ${this.arn} is not authorized to perform: ec2:${operation}`,
    });
  }
}
