// What is the same for all types: where a thing is, what it is called, and its tags.
import { z } from "zod";
import type { Tenancy, Thing } from "../state.ts";
import { newId, timeOf } from "../tenancy.ts";

/** The inputs that everything takes. */
export const about = {
  compartmentId: z.string(),
  displayName: z.string().optional(),
  freeformTags: z.record(z.string(), z.string()).optional(),
};

/** Of {@link about} what the provider keeps where nothing is declared. */
export const aboutComputed = ["displayName", "freeformTags"];

type About = z.output<z.ZodObject<typeof about>>;

/** A new thing of a kind, named after the time where nobody named it. */
export function newThing(tenancy: Tenancy, kind: string, wanted: About): Thing {
  const createdAt = tenancy.world.now();
  const title = wanted.displayName ?? `${kind}${new Date(createdAt).toISOString().replace(/\D/g, "")}`;
  const tags = wanted.freeformTags ?? {};
  return { id: newId(tenancy, kind), compartment: wanted.compartmentId, title, tags, createdAt };
}

/** Sets what everything can be called and tagged anew. */
export function rename(thing: Thing, { displayName, freeformTags }: About): void {
  thing.title = displayName ?? thing.title;
  thing.tags = freeformTags ?? thing.tags;
}

/** The outputs that everything has. */
export function toldOf(thing: Thing) {
  return {
    compartmentId: thing.compartment,
    definedTags: {},
    displayName: thing.title,
    freeformTags: { ...thing.tags },
    timeCreated: timeOf(thing.createdAt),
  };
}

/** The words of the service for what is done to a kind of thing: `CreateVcn`. */
export function operationsOf(noun: string, create = "Create", remove = "Delete") {
  return {
    ...{ create: `${create}${noun}`, read: `Get${noun}` },
    ...{ update: `Update${noun}`, remove: `${remove}${noun}` },
  };
}
