// When a certification is issued: a time of day that was set forward meanwhile must not make it valid for longer.

/** Two clocks in ms: the time of day, and one that only goes forward. */
type Clocks = { readonly now: () => number; readonly elapsed: () => number };

const real: Clocks = { now: () => Date.now(), elapsed: () => performance.now() };

/** Measures a certification from now on. */
export class Stopwatch {
  readonly startedAt: Date;
  readonly #clocks: Clocks;
  readonly #began: number;

  constructor(clocks = real) {
    this.#clocks = clocks;
    this.startedAt = new Date(clocks.now());
    this.#began = clocks.elapsed();
  }

  /** The time of day, or the one at the start with what has gone by since, whichever is earlier: nobody knows which is right. */
  now(): Date {
    const { now, elapsed } = this.#clocks;
    return new Date(Math.min(now(), this.startedAt.getTime() + elapsed() - this.#began));
  }
}
