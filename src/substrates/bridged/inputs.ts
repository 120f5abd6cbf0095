// Inputs as the plugin takes them from a program, and as a refresh or import reads them back.
import { z } from "zod";
import { type Properties, unknown } from "../double.ts";

/** Refuses unknown and ill-typed inputs; where a preview does not know everything yet, only unknown ones. */
export function checked(model: z.ZodObject, inputs: Properties): void {
  const stranger = Object.keys(inputs).find((key) => !(key in model.shape));
  if (stranger !== undefined) throw new Error(`unexpected property ${stranger}`);
  if (JSON.stringify(inputs).includes(unknown)) return;
  const parsed = model.safeParse(inputs);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
}

/**
 * The inputs that a read state stands for: of what was declared, what is there now. Nothing declared means an
 * import: everything that says something.
 * @param names all inputs that the type has
 */
export function inputsOf(names: readonly string[], declared: Properties, state: Properties): Properties {
  if (Object.keys(declared).length > 0) return project(declared, state);
  return Object.fromEntries(names.flatMap((name) => (says(state[name]) ? [[name, state[name]]] : [])));
}

function project(declared: Properties, state: Properties): Properties {
  return Object.fromEntries(
    Object.entries(declared).flatMap(([key, before]) => {
      const now = state[key];
      return says(now) || !says(before) ? [[key, projectValue(before, now)]] : [];
    }),
  );
}

function projectValue(before: unknown, now: unknown): unknown {
  if (!says(now)) return before;
  if (Array.isArray(before) && Array.isArray(now))
    return now.map((item, index) => projectValue(before[index], item));
  if (isObject(before) && isObject(now)) return project(before, now);
  return now;
}

function says(value: unknown): boolean {
  return (
    value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0)
  );
}

function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
