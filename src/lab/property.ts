// Sets one property, named by its path, in a copy of a resource's inputs.
import { Problem } from "../environment/problem.ts";
import type { Properties } from "../substrates/double.ts";

/**
 * A copy with the property at `networkDevices[0].vlanId` set to the value.
 * @throws Problem for a path that leads through something that is not there
 */
export function withProperty(inputs: Properties, path: string, value: unknown): Properties {
  const copy = structuredClone(inputs);
  const keys = path.split(/[.[\]]+/).filter(Boolean);
  const last = keys.pop();
  const holder = keys.reduce<unknown>((inside, key) => memberOf(inside, key), copy);
  if (last === undefined || typeof holder !== "object" || holder === null)
    throw new Problem({
      subject: `property ${path}`,
      expected: `a path from ${Object.keys(inputs).join(", ")}`,
      remedy: "see the resource's inputs in `npx pulumi stack export`",
    });
  Object.defineProperty(holder, last, { value, enumerable: true, configurable: true, writable: true });
  return copy;
}

function memberOf(inside: unknown, key: string): unknown {
  return typeof inside === "object" && inside !== null
    ? Object.entries(inside).find(([own]) => own === key)?.[1]
    : undefined;
}
