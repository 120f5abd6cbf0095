// When a certification is issued: a time of day that was set forward meanwhile must not make it valid for longer.

/** In ms: the time of day now and at the process's start, and what has gone by since, which no clock that is set changes. */
type Clocks = { readonly now: () => number; readonly origin: number; readonly elapsed: () => number };

const real: Clocks = {
  now: () => Date.now(),
  origin: performance.timeOrigin,
  elapsed: () => performance.now(),
};

/** The time of day, or what it should be by the process's start, whichever is earlier: nobody knows which is right. */
export function timeOfIssue({ now, origin, elapsed } = real): Date {
  return new Date(Math.min(now(), origin + elapsed()));
}
