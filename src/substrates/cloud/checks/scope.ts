// What the run's tag finds: exactly what is declared, by the tags of everything and by the lists of each kind.
import type { Check } from "../../../check/check.ts";
import type { CheckId } from "../../../check/key.ts";
import { fail, list, type Outcome, pass, type Sentence, say } from "../../../check/outcome.ts";
import { poll } from "../../../check/poll.ts";
import { Unreadable } from "../../../check/unreadable.ts";
import type { Sight } from "../../substrate.ts";

/** A set of ids that belongs to the run. */
export type Found = readonly string[];

/** How a cloud is searched. A page that is missing is an `Unreadable`, never a shorter answer. */
export type Scope = {
  /** The cloud's name, which its checks' ids begin with. */
  readonly own: string;
  readonly gate: CheckId;
  readonly run: Sight["run"];
  /** Everything with the run's tag and that value, or with the tag at all. */
  readonly tagged: (value: string | undefined, signal: AbortSignal) => Promise<Found>;
  /** The same by lists of each kind, which know also what the tags' own service has not heard of yet. */
  readonly byKind: (run: string, signal: AbortSignal) => Promise<Found>;
  /**
   * Whether a thing is of a kind that has such a list, which is the last word then: a search's index goes on for hours about
   * what was removed, and is late with new tags.
   */
  readonly isListed: (id: string) => boolean;
  /** What should carry the tag, by logical name: ids. */
  readonly declared: (signal: AbortSignal) => Promise<ReadonlyMap<string, string>>;
};

/** Inventory and filter. */
export function scopeChecks(scope: Scope): readonly Check[] {
  const about = { after: [scope.gate] as const, deadline: 120_000 };
  return [
    { ...about, id: `${scope.own}.inventory`, observe: (signal) => checkInventory(scope, signal) },
    { ...about, id: `${scope.own}.filter`, observe: (signal) => checkFilter(scope, signal) },
  ];
}

/** What an inventory by the run's tag came to. */
type Inventory = { readonly byTag: Found; readonly byKind: Found };

async function checkInventory(scope: Scope, signal: AbortSignal): Promise<Outcome> {
  const run = runOf(scope);
  const { byTag, byKind } = await settled(async () => {
    const [byTag, byKind] = await Promise.all([scope.tagged(run, signal), scope.byKind(run, signal)]);
    return { byTag, byKind };
  }, signal);
  const declared = await scope.declared(signal);
  const all = new Set([...byTag.filter((id) => !scope.isListed(id)), ...byKind]);
  const missing = [...declared].filter(([, id]) => !(scope.isListed(id) ? byKind : byTag).includes(id));
  const strange = [...all].filter((id) => ![...declared.values()].includes(id)).length;
  const wrong: Sentence[] = [
    missing.length === 0 ? [] : say`${missing.length} declared things do not carry the run's tag`,
    strange === 0 ? [] : say`${strange} things carry the run's tag and are not declared`,
  ].flat();
  return wrong.length === 0
    ? pass(say`${declared.size} things carry the run's tag, all of them declared`)
    : fail(list(wrong, "; "));
}

/** A filter that finds nothing where nothing is, everything where something is, and nothing of anybody else's. */
async function checkFilter(scope: Scope, signal: AbortSignal): Promise<Outcome> {
  const run = runOf(scope);
  const nobodys = `${run}-${Math.random().toString(36).slice(2, 10)}`;
  const [real, none] = await Promise.all([heardOf(scope, run, signal), scope.tagged(nobodys, signal)]);
  // After the run's own, which an index may be late with.
  const any = await scope.tagged(undefined, signal);
  if (none.length > 0) return fail(say`a run that does not exist is found with ${none.length} things`);
  if (real.length === 0) return fail(say`the run's tag finds nothing`);
  return real.every((id) => any.includes(id))
    ? pass(say`the run's tag finds ${real.length} things, and nobody's tag none`)
    : fail(say`the run's tag finds things that the tag alone does not`);
}

/** How long an index may take to hear of what the lists tell, in ms; one that has not by then is of no use to a teardown. */
const patience = 30_000;

/** What the run's tag finds: an index that has not heard yet of what the lists tell is asked again. */
async function heardOf(scope: Scope, run: string, signal: AbortSignal): Promise<Found> {
  const until = performance.now() + patience;
  const attempt = async () => {
    const found = await scope.tagged(run, signal);
    const isAll = found.length > 0 || performance.now() > until;
    return isAll || !(await scope.byKind(run, signal)).some(scope.isListed) ? found : undefined;
  };
  return (await poll(attempt, { first: 500, most: 5_000 }, signal)).value;
}

export function runOf({ run }: Pick<Scope, "run">): string {
  if (run === undefined) throw new Unreadable("no-expectation", "the stack tells no run");
  return run.id;
}

/** Asked until two answers in a row are the same: what was made or removed a moment ago comes and goes. */
async function settled(ask: () => Promise<Inventory>, signal: AbortSignal): Promise<Inventory> {
  let last: string | undefined;
  const attempt = async () => {
    const found = await ask();
    const text = JSON.stringify(found);
    const same = text === last;
    last = text;
    return same ? found : undefined;
  };
  return (await poll(attempt, { first: 100, most: 5_000 }, signal)).value;
}
