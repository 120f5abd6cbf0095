// What declared things have to do with each other: which was made from which.
import type { Declared } from "../../../src/lab/declared.ts";

/** Relations between the declared things of one stack, by name. */
export type Relations = {
  /** The thing itself and all that was made from it. */
  readonly dependents: (name: string) => readonly string[];
  /** Whether two are one, or one was made from the other. */
  readonly related: (one: string, other: string) => boolean;
};

/** Reads them off a stack's things. */
export function relationsOf(things: readonly Declared[]): Relations {
  const dependents = (name: string): readonly string[] => {
    const direct = things.filter(({ dependencies }) => dependencies.includes(name));
    return [name, ...new Set(direct.flatMap((thing) => dependents(thing.name)))];
  };
  return {
    dependents,
    related: (one, other) => dependents(one).includes(other) || dependents(other).includes(one),
  };
}
