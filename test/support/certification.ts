// A substrate under certification whose looks and repairs the test decides.

import type { Applied } from "../../src/certification/converge.ts";
import { KnownKeys } from "../../src/certification/hostkeys.ts";
import type { Look } from "../../src/certification/look.ts";
import type { Progress } from "../../src/certification/progress.ts";
import type { Craft } from "../../src/certification/step.ts";
import { type Certified, certifierWith, type Steps } from "../../src/certification/substrate.ts";
import type { Answer, Check } from "../../src/check/check.ts";
import type { CheckKey } from "../../src/check/key.ts";
import { type Result, say } from "../../src/check/outcome.ts";
import { type Change, propertyPath } from "../../src/engine/changes.ts";
import type { Action } from "../../src/engine/event.ts";
import type { Inspection, OpenSubstrate, Substrate } from "../../src/substrates/substrate.ts";
import { checkOf, named, nowhere } from "./checks.ts";

export const at = new Date("2026-11-22T16:01:45Z");
export const urnOf = (name: string) => `urn:pulumi:lab-pve::substrate::a:b:C::${name}`;

export function change(name: string, action: Action, ...properties: string[]): Change {
  const paths = properties.map((path) => propertyPath.parse(path));
  return { urn: urnOf(name), name: named(name), type: "a:b:C", action, properties: paths };
}

export function answer(id: Check["id"], result: Result, target?: string): Answer {
  const check = checkOf(id, target === undefined ? {} : { target: named(target) });
  return { check, result, summary: say`${result}`, at };
}

/** A run of the engine that ended with something that it could not do. */
export function applied(changes: readonly Change[], ...done: string[]): Applied {
  return { changes, done: new Set(done.map(urnOf)), failed: new Set(), complete: false, at };
}

/** Each resource is covered by one check of its own, and by the drift. */
export const verifiers = (resource: string): readonly CheckKey[] => [`a.ok@${named(resource)}`, "pve.drift"];

const checkpoint = { run: undefined, substance: [], resources: [], pendingCreates: [], bytes: "" };

/** A look that comes to this; `ok`: results of each resource's own check. */
export function lookOf(changes: readonly Change[], ok: Readonly<Record<string, Result>> = {}): Look {
  const own = Object.entries(ok).map(([name, result]) => answer("a.ok", result, name));
  const drift = answer("pve.drift", changes.length === 0 ? "pass" : "fail");
  return { answers: [...own, drift], changes, compared: true, checkpoint, hostKeys: {}, met: [] };
}

export const substrate: Substrate = {
  name: "pve",
  component: "pve",
  packages: [],
  groups: {},
  sections: {},
  starter: "",
  certifier: "certify-pve-substrate.sh",
  open: () => {
    throw new TypeError("not opened");
  },
  double: () => Promise.reject(new TypeError("no double")),
};

/** An inspection with nothing to look at or mend. */
export const blank: Inspection = {
  plan: () => [],
  verifiers,
  mends: () => [],
  replaceable: [],
  claim: async () => undefined,
  observed: () => ({}),
};

/** A substrate that declares nothing. */
export function openWith(inspect: OpenSubstrate["inspect"]): OpenSubstrate {
  return {
    topology: "t",
    declaration: {},
    endpoints: [],
    flows: [],
    declare: () => Promise.reject(new TypeError("not declared")),
    policy: { counts: {}, ceiling: undefined, hostKeys: [], secrets: [], factsOf: () => ({}) },
    inspect,
  };
}

type Script = {
  readonly looks: readonly Look[];
  readonly applies?: readonly Applied[];
  readonly craft?: Craft;
  /** Whether a release run holds the environment still before each step; from then on none does. */
  readonly holds?: readonly boolean[];
  /** Whether creations that were cut off are found and taken over. */
  readonly settles?: boolean;
};

/** A substrate that knows of no repair but the engine's. */
const noCraft: Craft = { mends: () => [], replaceable: [] };

/** Certifies by a script; gives what it came to and what was done on the way. */
export async function certifyBy(
  { looks, applies = [], craft = noCraft, holds = [], settles = false }: Script,
  asked: { readonly repair: boolean; readonly runId?: string },
  signal: AbortSignal = new AbortController().signal,
) {
  const done: string[] = [];
  const runs: string[] = [];
  const progress: Progress[] = [];
  const held = [...holds];
  const [looksLeft, appliesLeft] = [[...looks], [...applies]];
  const next = <T>(left: T[]): T => {
    const [first] = left.splice(0, 1);
    if (first === undefined) throw new TypeError("more steps than the script has");
    return first;
  };
  const steps: Steps = {
    look: async () => {
      done.push("look");
      return next(looksLeft);
    },
    converge: async (_subject, _means, { run, provisioned }) => {
      done.push(provisioned ? "converge" : "provision");
      runs.push(run.id);
      return next(appliesLeft);
    },
    replace: async (_subject, _means, resources) => {
      done.push(`replace ${resources.map(({ name }) => name).join(", ")}`);
      return next(appliesLeft);
    },
    clearAbandonedLock: async () => undefined,
    settlePending: async (_subject, _means, pending) => (settles ? pending : undefined),
    isHeld: async () => held.splice(0, 1)[0] ?? false,
  };
  const inspection: Inspection = { ...blank, ...craft };
  const open = openWith(async () => inspection);
  const means = {
    engine: "",
    project: "",
    signal,
    progress: (event: Progress) => void progress.push(event),
    debug: () => undefined,
  };
  const certified: Certified = await certifierWith(steps)(
    { substrate, open, inspection, stack: "lab-pve", config: {}, repair: asked.repair, edge: nowhere },
    means,
    {
      ...asked,
      known: new KnownKeys({}, asked.repair),
    },
  );
  return { ...certified, done, runs, progress };
}
