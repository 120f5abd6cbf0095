// What is the same for many types: tags, and what a thing tells of where it is.
import { z } from "zod";
import type { Account, Tags } from "../state.ts";

/** Tags as inputs. */
export const tags = z.record(z.string(), z.string()).optional();

/** Tags as outputs; the provider has no default tags here, so all of them are the thing's own. */
export function tagged(own: Tags) {
  return { tags: { ...own }, tagsAll: { ...own } };
}

/** Where it is and whose. */
export function owned({ id, region }: Account) {
  return { ownerId: id, region };
}

/** A thing that must be there. Throws what it is asked to. */
export function present<T>(thing: T | undefined, refusal: () => Error): T {
  if (thing === undefined) throw refusal();
  return thing;
}
