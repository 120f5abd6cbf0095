// One batch of drifts: brought about, looked at, repaired, looked at again.
import { Problem } from "../../../src/environment/problem.ts";
import type { Declared } from "../../../src/lab/declared.ts";
import type { Certified } from "../../e2e/bench.ts";
import type { Waiting } from "./batch.ts";
import { type Difference, differencesOf, memberAt, stillThere } from "./delta.ts";
import { after, anew, type Injection } from "./injection.ts";
import { blamedWrongly, type Detection, detectionOf, type Ground, madeAnew, unrepaired } from "./judge.ts";
import type { Site } from "./site.ts";

/** What became of one drift. */
export type Outcome = {
  readonly waiting: Waiting;
  /** `refused`: the far end would not have it; `void`: it changed nothing; `in company`: could not be told apart from others. */
  readonly result:
    | { readonly kind: "refused"; readonly why: string }
    | { readonly kind: "void"; readonly why: string }
    | { readonly kind: "in company" }
    | { readonly kind: "injected"; readonly detection: Detection; readonly repair: Repair };
};

/** Whether it was put right; what is left to a person is not passed meanwhile, and the person is told how. */
type Repair =
  | { readonly kind: "repaired" | "left to a person" }
  | { readonly kind: "failed"; readonly why: readonly string[] };

/** What became of a batch. */
export type Trial = {
  readonly outcomes: readonly Outcome[];
  readonly blamed: readonly string[];
  /** Whether every check passes again. */
  readonly clean: boolean;
  /** What is not as it was before. */
  readonly left: readonly Difference[];
};

/** Where it has changed something, and what was there before the batch. */
type Injected = { readonly waiting: Waiting; readonly differences: readonly Difference[] };

/** Puts one batch to the proof. */
export async function tryBatch(site: Site, ground: Ground, batch: readonly Waiting[]): Promise<Trial> {
  const { substrate } = ground;
  const { injected, refused } = await injectAll(site, substrate, batch);
  if (injected.length === 0) return { outcomes: refused, blamed: [], clean: true, left: [] };
  const looked = await site.certify(substrate);
  const repaired = await site.certify(substrate, "--repair");
  const now = await site.state(substrate);
  const found = injected.map((one) => ({ ...one, left: leftOf(one, repaired.manifest, now) }));
  const outcomes = found.map((one): Outcome => {
    const { waiting } = one;
    const others = found.filter((other) => other !== one);
    const company = others.some((other) => other.waiting.injection.resource === waiting.injection.resource);
    const detection = detectionOf({ injection: waiting.injection, alone: !company }, looked.manifest, ground);
    const repair = repairOf(one, repaired);
    // One that can not be put right may end the repair of all, and blind who looks for the others.
    const doubtful = detection === "missed" || repair.kind === "failed";
    if ((others.length > 0 && doubtful) || (company && madeAnew(waiting.injection, repaired.manifest)))
      return apart(one);
    return { waiting, result: { kind: "injected", detection, repair } };
  });
  const blamed = blamedWrongly(
    injected.map(({ waiting }) => waiting),
    looked.manifest,
    ground,
  );
  const clean = repaired.exit === 0 && unrepaired(repaired.manifest).length === 0;
  return {
    outcomes: [...refused.map(apart), ...outcomes],
    blamed,
    clean,
    left: found.flatMap(({ left }) => left),
  };
}

/** What the far end refuses, or does not notice, may be so for what others have done: an address may be taken by then. */
function apart({ waiting }: Pick<Outcome, "waiting">): Outcome {
  return { waiting, result: { kind: "in company" } };
}

async function injectAll(site: Site, substrate: string, batch: readonly Waiting[]) {
  const declared = new Map((await site.things(substrate)).map((thing) => [thing.name, thing]));
  const things = new Map(declared);
  const injected: Injected[] = [];
  const refused: Outcome[] = [];
  const start = await site.state(substrate);
  let before = start;
  for (const waiting of batch) {
    const name = waiting.injection.resource ?? "";
    const injection = anew(waiting.injection, declared.get(name));
    const thing = things.get(name);
    const refusal = await inject(site, injection, thing);
    const now = await site.state(substrate);
    const differences = differencesOf(before, now);
    before = now;
    if (refusal !== undefined) refused.push({ waiting, result: { kind: "refused", why: refusal } });
    else if (differences.length === 0 && injection.what.kind !== "prepared")
      refused.push({ waiting, result: { kind: "void", why: "nothing at the far end has changed" } });
    else {
      const changed = differences.map(({ at }) => ({ at, before: memberAt(start, at) }));
      injected.push({ waiting, differences: changed });
      if (thing !== undefined) things.set(thing.name, after(injection, thing));
    }
  }
  return { injected, refused };
}

/** The far end's words where it refuses. */
async function inject(
  site: Site,
  injection: Injection,
  thing: Declared | undefined,
): Promise<string | undefined> {
  try {
    await site.inject(injection, thing);
    return undefined;
  } catch (error) {
    if (error instanceof Problem) return error.message;
    throw error;
  }
}

/** What was made anew has nothing of what it was, ids least of all: the checks alone tell of that. */
function leftOf(
  { waiting, differences }: Injected,
  manifest: Certified["manifest"],
  now: unknown,
): readonly Difference[] {
  // What was prepared by hand may have brought about what is others'.
  if (waiting.injection.what.kind === "prepared" || madeAnew(waiting.injection, manifest)) return [];
  return stillThere(differences, now);
}

function repairOf(
  { waiting, left }: Injected & { readonly left: readonly Difference[] },
  ended: Certified,
): Repair {
  const said = ended.stdout + ended.stderr;
  const advice = adviceFor(waiting.injection, said);
  const wrong = unrepaired(ended.manifest);
  if (advice !== undefined) {
    const told = said.includes(advice);
    const held = ended.manifest?.status === "fail" || ended.manifest?.status === "blocked";
    return told && held
      ? { kind: "left to a person" }
      : { kind: "failed", why: [`told with the command: ${told}, held back: ${held}`, ...wrong] };
  }
  const places = left.map(({ at, before }) => `${at.join("/")} is not what it was, ${shown(before)}`);
  const why = ended.exit === 0 ? [...wrong, ...places] : [`exit ${ended.exit}`, ...wrong, ...places];
  return why.length === 0 ? { kind: "repaired" } : { kind: "failed", why };
}

/** What a person must be told; none where nobody is needed. */
function adviceFor({ resource, what }: Injection, said: string): string | undefined {
  if (what.kind === "prepared") return what.drift.byHand;
  const absent = `${resource} is adopted and not there. Whoever keeps it`;
  return what.kind === "deletion" && said.includes(absent) ? absent : undefined;
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 80);
}
