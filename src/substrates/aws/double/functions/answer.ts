// What all functions of the plugin have in common: arguments read strictly, filters as EC2 takes them.
import { z } from "zod";
import { functionsOver } from "../../../bridged/functions.ts";
import { ApiError } from "../errors.ts";
import type { Api } from "../gateway.ts";
import type { Tags } from "../state.ts";

/** A function with these arguments and no others. */
export const functionOf = functionsOver<Api>();

/** `filters` and `tags`, as most functions that look for things take them. */
export const search = {
  filters: z.array(z.object({ name: z.string(), values: z.array(z.string()) })).optional(),
  tags: z.record(z.string(), z.string()).optional(),
  region: z.string().optional(),
};

type Search = { readonly filters?: readonly Filter[] | undefined; readonly tags?: Tags | undefined };
type Filter = { readonly name: string; readonly values: readonly string[] };

/** What a filter's name stands for in a thing. */
type Facets<T> = Readonly<Record<string, (thing: T) => string | undefined>>;

/** The things that all filters and tags fit. Throws the API's error for a filter that it does not know. */
export function matching<T extends { readonly tags: Tags }>(
  things: Iterable<T>,
  { filters = [], tags = {} }: Search,
  facets: Facets<T>,
): T[] {
  const wanted = [
    ...filters,
    ...Object.entries(tags).map(([key, value]) => ({ name: `tag:${key}`, values: [value] })),
  ];
  return [...things].filter((thing) =>
    wanted.every(({ name, values }) => {
      if (name.startsWith("tag:")) return values.includes(thing.tags[name.slice(4)] ?? "\0");
      const facet = Object.hasOwn(facets, name) ? facets[name] : undefined;
      if (facet === undefined)
        throw new ApiError("Describe", {
          code: "InvalidParameterValue",
          text: `The filter '${name}' is invalid`,
        });
      return values.includes(facet(thing) ?? "\0");
    }),
  );
}

/** The one thing that was asked for, in the words of the provider's data sources where there is none or more. */
export function only<T>(found: readonly T[], what: string): T {
  const [first, ...rest] = found;
  if (first === undefined) throw new Error(`no matching ${what} found`);
  if (rest.length > 0)
    throw new Error(
      `multiple ${what}s matched; use additional constraints to reduce matches to a single ${what}`,
    );
  return first;
}
