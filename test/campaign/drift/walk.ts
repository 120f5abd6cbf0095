// Every property of a declared thing, with what somebody could have made of it.
import type { Properties } from "../../../src/substrates/double.ts";
import { anotherLike, otherThan } from "./alternative.ts";

/** One change of one property. */
export type Change = {
  /** What is changed, as a person says it: `agent.enabled`, `tags[+]`, `tags[-]`. */
  readonly name: string;
  /** The property that is set. */
  readonly path: string;
  readonly value: unknown;
};

/** What can be changed in these inputs: each leaf to another value, each list by one more and one less. */
export function changesOf(inputs: Properties): readonly Change[] {
  // The engine's own notes in a state begin with two underscores.
  return membersOf(inputs)
    .filter(([key]) => !key.startsWith("__"))
    .flatMap(([key, value]) => changesAt(key, value));
}

function changesAt(path: string, value: unknown): readonly Change[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value))
    return [...listChanges(path, value), ...value.flatMap((item, at) => changesAt(`${path}[${at}]`, item))];
  if (typeof value === "object")
    return membersOf(value).flatMap(([key, inner]) => changesAt(`${path}.${key}`, inner));
  return [{ name: path, path, value: otherThan(value, /\w+$/.exec(path)?.[0]) }];
}

function listChanges(path: string, list: readonly unknown[]): readonly Change[] {
  if (list.length === 0) return [];
  return [
    { name: `${path}[+]`, path, value: [...list, anotherLike(list.at(-1))] },
    { name: `${path}[-]`, path, value: list.slice(0, -1) },
  ];
}

function membersOf(value: object): readonly (readonly [string, unknown])[] {
  return Object.entries(value);
}

/** The largest part of a thing that holds a property and is compared and set as one: `rules[2]`, `agent`. */
export function placeOf(path: string): string {
  return /^[^.[]+(\[[^\]]*\])?/.exec(path)?.[0] ?? path;
}

/** Whether one property is the other, or within it. */
export function overlap(one: string, other: string): boolean {
  const within = (a: string, b: string) => a === b || (a.startsWith(b) && /^[.[]/.test(a.slice(b.length)));
  return within(one, other) || within(other, one);
}
