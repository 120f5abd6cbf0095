// What all functions of the plugin have in common: arguments read strictly, and lists of one compartment.
import { z } from "zod";
import { functionsOver } from "../../../bridged/functions.ts";
import { notFound } from "../errors.ts";
import type { Api } from "../gateway.ts";
import type { Tenancy, Thing } from "../state.ts";

/** A function with these arguments and no others. */
export const functionOf = functionsOver<Api>();

/** What lists are asked for. */
export const within = { compartmentId: z.string() };

/** The things that are in the compartment. Throws what the API says of a compartment that is not there. */
export function inCompartment<T extends Pick<Thing, "compartment">>(
  tenancy: Tenancy,
  things: Iterable<T>,
  compartmentId: string,
): T[] {
  if (![tenancy.compartment.id, tenancy.id].includes(compartmentId)) throw notFound("List");
  return [...things].filter(({ compartment }) => compartment === compartmentId);
}

/** The tenancy itself, whose things some functions tell of. Throws what the API says of any other. */
export function itself(tenancy: Tenancy, id: string): Tenancy {
  if (id !== tenancy.id) throw notFound("Get");
  return tenancy;
}
