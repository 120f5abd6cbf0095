// A bound on how much is under way at once, so that deadlines measure the far ends and not the crowd on this side.
import { orAborted } from "./failure.ts";

/** So many pieces of work at once; the others wait in the order in which they came. */
export class Lanes {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Does the work when there is room for it. Throws what it throws, or `Unreadable` where a signal is aborted before. */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const turn = this.#turn();
    try {
      await (signal === undefined ? turn : orAborted(turn, signal, "waiting for other endpoints"));
      return await work();
    } finally {
      // Whoever gave up waiting gives its turn away when it comes.
      void turn.then(() => this.#pass());
    }
  }

  #turn(): Promise<void> {
    if (this.#free === 0) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#free -= 1;
    return Promise.resolve();
  }

  #pass(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
