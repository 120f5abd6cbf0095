// One piece of work that many wait for, each with a signal of its own.
import { orAborted } from "./transports/failure.ts";

/**
 * Not with the signal of whoever came first: the others may have more time. A signal that is given often is listened to
 * once, since adding a listener passes by all that are there.
 */
export class Shared<T> {
  readonly #work: Promise<T>;
  readonly #doing: string;
  readonly #waits = new WeakMap<AbortSignal, Promise<T>>();

  /** @param doing for the debug log */
  constructor(work: Promise<T>, doing: string) {
    this.#work = work;
    this.#doing = doing;
  }

  /** What it comes to. Throws what it throws, or `Unreadable` where the signal is aborted first. */
  within(signal: AbortSignal): Promise<T> {
    const wait = this.#waits.get(signal) ?? orAborted(this.#work, signal, this.#doing);
    this.#waits.set(signal, wait);
    return wait;
  }
}
