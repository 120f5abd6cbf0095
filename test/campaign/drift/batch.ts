// Which drifts can be put to one run of the engine: those that do not touch each other.
import type { Injection } from "./injection.ts";
import { overlap, placeOf } from "./walk.ts";

/** A drift that waits for its turn. */
export type Waiting = {
  readonly injection: Injection;
  /**
   * How often it could not be told apart from others: after the first time nothing else may be wrong with its resource,
   * after the second nothing else at all.
   */
  readonly tries: number;
};

/** What a batch may hold. */
export type Limits = {
  /** Drifts altogether. */
  readonly most: number;
  /** Drifts of one resource. */
  readonly together: number;
  /** Whether two resources are one, or one is made from the other. */
  readonly related: (one: string, other: string) => boolean;
};

/** Takes what fits into one batch, first come first served; the rest waits on, in the same order. */
export function nextBatch(
  waiting: readonly Waiting[],
  limits: Limits,
): { readonly batch: readonly Waiting[]; readonly rest: readonly Waiting[] } {
  const batch: Waiting[] = [];
  const rest: Waiting[] = [];
  for (const one of waiting) (fits(one, batch, limits) ? batch : rest).push(one);
  return { batch, rest };
}

function fits(one: Waiting, batch: readonly Waiting[], { most, together, related }: Limits): boolean {
  if (batch.length >= most || (batch.length > 0 && [one, ...batch].some(({ tries }) => tries > 1)))
    return false;
  const same = batch.filter(({ injection }) => injection.resource === one.injection.resource);
  return same.length < together && !batch.some((other) => touch(one, other, related));
}

function touch(one: Waiting, other: Waiting, related: Limits["related"]): boolean {
  const [a, b] = [one.injection, other.injection];
  if (a.resource === undefined || b.resource === undefined) return true;
  if (a.what.kind === "property" && b.what.kind === "property")
    return (
      a.resource === b.resource &&
      (one.tries > 0 || other.tries > 0 || overlap(placeOf(a.what.change.path), placeOf(b.what.change.path)))
    );
  return related(a.resource, b.resource);
}

/** The same numbers for the same seed, from 0 up to 1 (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The same items in an order of chance. */
export function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
