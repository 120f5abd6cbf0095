// One thing that somebody could have done to a substrate behind the engine's back.
import type { LabCommand } from "../../../src/lab/control.ts";
import type { Declared } from "../../../src/lab/declared.ts";
import { withProperty } from "../../../src/lab/property.ts";
import type { Immaterial, PreparedDrift, Properties } from "../../../src/substrates/double.ts";
import { immaterialBy, stale } from "./immaterial.ts";
import { type Change, changesOf } from "./walk.ts";

/** A change of one property, the end of one thing, or a drift that was prepared by hand. */
export type Injection = {
  /** For people, and the same in every run: `pve client1.agent.enabled`. */
  readonly name: string;
  readonly substrate: string;
  /** The declared thing that it is about; none: nobody can tell. */
  readonly resource: string | undefined;
  readonly what:
    | { readonly kind: "property"; readonly change: Change }
    | { readonly kind: "deletion" }
    | { readonly kind: "prepared"; readonly drift: PreparedDrift };
};

/** What there is to inject into one substrate, and what is left out for a reason. */
export type Plan = {
  readonly injections: readonly Injection[];
  /** How many properties are left out, by reason. */
  readonly immaterial: Readonly<Record<string, number>>;
  /** Entries of the list that nothing declared has: they must go. */
  readonly stale: readonly string[];
};

/** What is known of a substrate. */
type Known = {
  readonly substrate: string;
  readonly things: readonly Declared[];
  readonly drifts: readonly PreparedDrift[];
  readonly immaterial: readonly Immaterial[];
};

/** Every change of every property, every deletion, every prepared drift. */
export function planOf({ substrate, things, drifts, immaterial }: Known): Plan {
  const all = things.flatMap((thing) => [
    ...changesOf(thing.inputs).map((change) => ({ thing, change, path: change.name })),
    { thing, change: undefined, path: "deleted" },
  ]);
  const property = ({ thing: { type, name }, path }: (typeof all)[number]) => ({
    type,
    resource: name,
    path,
  });
  const reasons = Map.groupBy(all, (one) => immaterialBy(immaterial, property(one))?.reason);
  const material = reasons.get(undefined) ?? [];
  return {
    injections: [
      ...material.map(({ thing: { name }, change }) =>
        change === undefined ? deletionOf(substrate, name) : propertyOf(substrate, name, change),
      ),
      ...drifts.map((drift) => preparedOf(substrate, drift, things)),
    ],
    immaterial: Object.fromEntries(
      [...reasons].flatMap(([reason, left]) => (reason === undefined ? [] : [[reason, left.length]])),
    ),
    stale: stale(immaterial, all.map(property)),
  };
}

function propertyOf(substrate: string, resource: string, change: Change): Injection {
  const name = `${substrate} ${resource}.${change.name}`;
  return { name, substrate, resource, what: { kind: "property", change } };
}

function deletionOf(substrate: string, resource: string): Injection {
  return { name: `${substrate} ${resource} deleted`, substrate, resource, what: { kind: "deletion" } };
}

function preparedOf(substrate: string, drift: PreparedDrift, things: readonly Declared[]): Injection {
  const resource = subjectOf(drift.change, things);
  return { name: `${substrate} ${drift.name}`, substrate, resource, what: { kind: "prepared", drift } };
}

function subjectOf(change: PreparedDrift["change"], things: readonly Declared[]): string | undefined {
  if ("set" in change) return change.set.split(".")[0];
  if ("delete" in change) return change.delete;
  if ("guest" in change) return change.guest;
  if (!("requests" in change)) return undefined;
  const about = new Set(
    change.requests.map(({ path, form }) => {
      const id = /\/qemu\/(\d+)\/(?!clone)/.exec(path)?.[1];
      return form?.Guest ?? things.find((thing) => thing.id === id)?.name;
    }),
  );
  return about.size === 1 ? [...about][0] : undefined;
}

/**
 * What the lab must be asked to do.
 * @param thing with what the same batch has already changed in its inputs
 */
export function commandOf({ substrate, what }: Injection, thing: Declared | undefined): LabCommand {
  if (what.kind === "property")
    return meddling(substrate, thing, settingOf(what.change, thing?.inputs ?? {}));
  if (what.kind === "deletion") return meddling(substrate, thing, undefined);
  const { change } = what.drift;
  if ("requests" in change) return { do: "send", substrate, requests: [...change.requests] };
  if ("meddle" in change) return { do: "tamper", substrate, change };
  if ("delete" in change) return meddling(substrate, thing, undefined);
  return meddling(substrate, thing, { path: change.set.replace(/^[^.]*\./, ""), value: change.value });
}

type Setting = { readonly path: string; readonly value: unknown };

/** A far end may keep a list in an order of its own: what is in one is changed by setting all of it. */
function settingOf({ path, value }: Change, inputs: Properties): Setting {
  const key = /^[^.[]*/.exec(path)?.[0] ?? path;
  return Array.isArray(inputs[key])
    ? { path: key, value: withProperty(inputs, path, value)[key] }
    : { path, value };
}

function meddling(substrate: string, thing: Declared | undefined, set: Setting | undefined): LabCommand {
  if (thing === undefined) throw new TypeError(`what is to be changed in ${substrate} is not declared`);
  const { type, id, inputs, outputs } = thing;
  return { do: "meddle", substrate, type, id, inputs: { ...inputs }, outputs: { ...outputs }, set };
}

/** The same by what its thing is declared as now: what it refers to may have been made anew, and has another id. */
export function anew(injection: Injection, thing: Declared | undefined): Injection {
  const { what } = injection;
  if (what.kind !== "property") return injection;
  const change = changesOf(thing?.inputs ?? {}).find(({ name }) => name === what.change.name);
  return change === undefined ? injection : { ...injection, what: { ...what, change } };
}

/** The thing as it is declared now that this has been done to it. */
export function after({ what }: Injection, thing: Declared): Declared {
  if (what.kind !== "property") return thing;
  return { ...thing, inputs: withProperty(thing.inputs, what.change.path, what.change.value) };
}
