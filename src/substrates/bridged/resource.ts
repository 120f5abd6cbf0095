// What all resource types of a bridged plugin have in common: inputs checked and compared as the bridge does, calls to the API.
import type { Unwrap } from "@pulumi/pulumi";
import type { z } from "zod";
import { type Properties, type ResourceDouble, unknown } from "../double.ts";
import { compare, type Shape } from "./compare.ts";
import { checked, inputsOf } from "./inputs.ts";

/** The far end, as one principal sees it. */
type Api<A> = {
  readonly account: A;
  readonly read: (operation: string, signal: AbortSignal) => Promise<void>;
  readonly write: <T>(operation: string, signal: AbortSignal, change: () => T) => Promise<T>;
};

/** The SDK's state type with plain values: what holds a double's outputs to the real provider's shapes. */
export type Plain<T> = { readonly [K in keyof T]?: Unwrap<T[K]> };

/** One resource type, over the state of one account. */
export type Kind<A, M extends z.ZodObject> = {
  readonly inputs: M;
  /** What the provider fills in before it compares. */
  readonly defaults: Properties;
  /** Inputs of which the provider keeps what is there where nothing is declared. */
  readonly computed: readonly string[];
  /** Inputs that can not be changed. */
  readonly replaces: readonly string[];
  /** Inputs that are sets. */
  readonly sets?: readonly string[];
  /** Outputs that only creating gives. */
  readonly given: readonly string[];
  /** Brings values into the one form in which they can be compared. */
  readonly canonical?: (properties: Properties) => Properties;
  /** Makes it, and gives its id. */
  readonly create: (account: A, inputs: z.output<M>) => string;
  /** None: it is gone. */
  readonly state: (account: A, id: string, olds: Properties) => Properties | undefined;
  /** Sets what may be changed. Throws where it is gone. */
  readonly update: (account: A, id: string, inputs: z.output<M>) => void;
  /** What is gone already is deleted. */
  readonly remove: (account: A, id: string) => void;
  /** The API's words for what is done. */
  readonly operations: {
    readonly create: string;
    readonly read: string;
    readonly update: string;
    readonly remove: string;
  };
};

/** A type's double over one API. */
export function resourceOf<A, M extends z.ZodObject>(kind: Kind<A, M>): (api: Api<A>) => ResourceDouble {
  const { inputs, operations, given } = kind;
  const shape = shapeOf(kind);
  const canonical = kind.canonical ?? ((properties) => properties);
  const stateOf = (account: A, id: string, olds: Properties) => {
    const state = kind.state(account, id, olds);
    if (state === undefined) throw new Error(`${id} is gone`);
    return state;
  };
  return (api) => ({
    deleteBeforeReplace: false,
    secrets: [],
    check(news) {
      checked(inputs, news);
      return { ...kind.defaults, ...news };
    },
    diff: ({ outputs }, news) => compare(canonical(outputs), canonical(news), shape),
    preview: (news, olds) => ({
      ...Object.fromEntries(given.map((key) => [key, unknown])),
      ...olds,
      ...news,
    }),
    async create(news, signal) {
      const id = await api.write(operations.create, signal, () =>
        kind.create(api.account, inputs.parse(news)),
      );
      return { id, outputs: stateOf(api.account, id, news) };
    },
    async read(id, olds, signal) {
      await api.read(operations.read, signal);
      const outputs = kind.state(api.account, id, olds.outputs);
      if (outputs === undefined) return undefined;
      const read = inputsOf(Object.keys(inputs.shape), olds.inputs, outputs);
      return { id, outputs, inputs: { ...read, ...setsIn(kind.sets ?? [], read, outputs) } };
    },
    async update(id, { news }, signal) {
      await api.write(operations.update, signal, () => kind.update(api.account, id, inputs.parse(news)));
      return stateOf(api.account, id, news);
    },
    async delete(id, _olds, signal) {
      await api.write(operations.remove, signal, () => kind.remove(api.account, id));
    },
  });
}

/** The members of a set have no places by which they could be held against the declared ones: they are read whole. */
function setsIn(sets: readonly string[], read: Properties, outputs: Properties): Properties {
  const members = (list: unknown) => (Array.isArray(list) ? list.map(withoutEmpty) : list);
  return Object.fromEntries(sets.filter((key) => key in read).map((key) => [key, members(outputs[key])]));
}

/** An object without keys that say nothing. */
export function withoutEmpty(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const says = (each: unknown) =>
    each !== "" && each !== undefined && each !== false && !(Array.isArray(each) && each.length === 0);
  return Object.fromEntries(Object.entries(value).filter(([, each]) => says(each)));
}

function shapeOf<A, M extends z.ZodObject>({ inputs, computed, replaces, sets = [] }: Kind<A, M>): Shape {
  return {
    inputs: Object.keys(inputs.shape),
    defaults: new Map(),
    computed: new Set(computed),
    replaces: new Set(replaces),
    sets: new Set(sets),
  };
}
