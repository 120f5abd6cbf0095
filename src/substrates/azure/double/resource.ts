// What all resource types of azure-native have in common: ids from names, one request that makes or changes, calls to the API.
import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import { checked } from "../../bridged/inputs.ts";
import { type Properties, type ResourceDouble, unknown } from "../../double.ts";
import { ArmError } from "./errors.ts";
import type { Api } from "./gateway.ts";
import { changesOf, refreshed } from "./native.ts";
import type { Subscription } from "./state.ts";

/** What a type or function of the SDK tells, as far as the double tells it: names and kinds of values are held to the SDK's. */
export type Told<T> = T extends readonly (infer E)[]
  ? readonly Told<E>[]
  : T extends object
    ? { readonly [K in keyof T]?: Told<T[K]> | undefined }
    : T;

/** One resource type. */
export type Kind<M extends z.ZodObject> = {
  /** Without defaults: it also tells which outputs have inputs. */
  readonly inputs: M;
  /** As the resource manager has it: `Microsoft.Network/virtualNetworks`. */
  readonly type: string;
  /** The API's version that the plugin uses. */
  readonly version: string;
  /** Inputs that are the names in its id, in their order; they can not be changed. */
  readonly names: readonly string[];
  /** Others that can not be changed. */
  readonly replaces: readonly string[];
  /** Outputs that only making it gives. */
  readonly given: readonly string[];
  /** Things below it that can be declared on their own, and are then not read back here. */
  readonly children?: readonly string[];
  readonly idOf: (subscription: Subscription, inputs: z.output<M>) => string;
  /** Makes it, or changes what is there. Throws `ArmError`. */
  readonly put: (subscription: Subscription, id: string, inputs: z.output<M>) => void;
  /** None: it is gone. */
  readonly told: (subscription: Subscription, id: string) => Properties | undefined;
  /** What is gone already is deleted. Throws `ArmError` where something stands on it. */
  readonly remove: (subscription: Subscription, id: string) => void;
};

/** A type's double over one API. */
export function resourceOf<M extends z.ZodObject>(kind: Kind<M>): (api: Api) => ResourceDouble {
  const { inputs, type, given, version } = kind;
  const replaces = new Set([...kind.names, ...kind.replaces]);
  return (api) => ({
    deleteBeforeReplace: true,
    secrets: [],
    check(news) {
      const { azureApiVersion: _, ...declared } = news;
      checked(inputs, declared);
      if (!JSON.stringify(declared).includes(unknown)) refuseStrange(declared, inputs.parse(declared), "");
      return { ...news, azureApiVersion: version };
    },
    diff: (olds, news) => changesOf(olds.inputs, news, replaces),
    preview: (news, olds) => ({
      ...Object.fromEntries(given.map((key) => [key, unknown])),
      ...olds,
      ...news,
    }),
    async create(news, signal) {
      const wanted = inputs.parse(news);
      const id = kind.idOf(api.account, wanted);
      if (kind.told(api.account, id) !== undefined)
        throw new Error(`cannot create already existing resource '${id}'`);
      await api.write(`${type}/write`, signal, () => kind.put(api.account, id, wanted));
      return { id, outputs: outputsOf(kind, api, { id, declared: news }) };
    },
    async read(id, olds, signal) {
      await api.read(`${type}/read`, signal);
      if (kind.told(api.account, id) === undefined) return undefined;
      const outputs = outputsOf(kind, api, { id, declared: olds.inputs });
      const readable = (state: Properties) => inputs.partial().parse(state);
      const read =
        Object.keys(olds.inputs).length === 0
          ? { ...namesIn(kind, id), ...readable(outputs), azureApiVersion: version }
          : refreshed(olds.inputs, readable(olds.outputs), readable(outputs));
      return { id, outputs, inputs: read };
    },
    async update(id, { news }, signal) {
      await api.write(`${type}/write`, signal, () => kind.put(api.account, id, inputs.parse(news)));
      return outputsOf(kind, api, { id, declared: news });
    },
    async delete(id, _olds, signal) {
      await api.write(`${type}/delete`, signal, () => kind.remove(api.account, id));
    },
  });
}

/** `/subscriptions/<id>/resourceGroups/<name>/providers/<namespace>/<kind>/<name>…` */
function namesIn<M extends z.ZodObject>({ names }: Kind<M>, id: string): Properties {
  const [, group, rest = ""] = /\/resourceGroups\/([^/]+)(?:\/providers\/[^/]+\/(.*))?$/.exec(id) ?? [];
  const values = [group, ...rest.split("/").filter((_, index) => index % 2 === 1)];
  return Object.fromEntries(names.map((name, index) => [name, values[index]]));
}

type Declared = { readonly id: string; readonly declared: Properties };

function outputsOf<M extends z.ZodObject>(
  kind: Kind<M>,
  { account }: Api,
  { id, declared }: Declared,
): Properties {
  const told = kind.told(account, id);
  if (told === undefined) throw new ArmError(404, "ResourceNotFound", `${id} is gone`);
  const hidden = (kind.children ?? []).filter((key) => !(key in declared));
  // The engine keeps the id itself.
  const { id: _, ...others } = told;
  const shown = Object.entries(others).map(([key, value]) => [key, hidden.includes(key) ? [] : value]);
  return { azureApiVersion: kind.version, ...Object.fromEntries(shown) };
}

/** A nested input that the model does not know would be lost without a word. */
function refuseStrange(given: unknown, known: unknown, path: string): void {
  if (isDeepStrictEqual(given, known) || given === undefined || given === null) return;
  if (typeof given !== "object" || typeof known !== "object" || known === null) return;
  const kept = new Map(Object.entries(known));
  for (const [key, value] of Object.entries(given)) {
    if (value !== undefined && value !== null && !kept.has(key))
      throw new Error(`unexpected property ${path}${key}`);
    refuseStrange(value, kept.get(key), `${path}${key}.`);
  }
}
