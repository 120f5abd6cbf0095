// Works through all drifts of the substrates asked for, in several worlds side by side.
import { type Limits, nextBatch, type Waiting } from "./batch.ts";
import { stillThere } from "./delta.ts";
import { findingsIn } from "./figures.ts";
import { relationsOf } from "./relations.ts";
import type { Site } from "./site.ts";
import { type Outcome, type Trial, tryBatch } from "./trial.ts";

/** What is to be done. */
export type Work = {
  /** What waits, by substrate. */
  readonly queues: Map<string, readonly Waiting[]>;
  readonly limits: Omit<Limits, "related">;
  readonly tell: (line: string) => void;
  readonly done: (substrate: string, trial: Trial) => void;
};

/** Takes batches until none is left; a world that a batch has spoiled is left for a new one. */
export async function workThrough(site: Site, work: Work, order: readonly string[]): Promise<void> {
  for (let substrate = next(work, order); substrate !== undefined; substrate = next(work, order))
    if (!(await tryNext(site, substrate, work))) await site.renew();
}

function next({ queues }: Work, order: readonly string[]): string | undefined {
  return order.find((substrate) => (queues.get(substrate) ?? []).length > 0);
}

/** Whether the world can be used on. */
async function tryNext(site: Site, substrate: string, work: Work): Promise<boolean> {
  const { queues, limits, tell, done } = work;
  const waiting = queues.get(substrate) ?? [];
  // Nobody else takes them meanwhile.
  queues.set(substrate, []);
  await site.provision(substrate);
  const { dependents, related } = relationsOf(await site.things(substrate));
  const { batch, rest } = nextBatch(waiting, { ...limits, related });
  queues.set(substrate, rest);
  const ground = { substrate, verifiers: await site.verifiers(substrate), dependents };
  const trial = await tryBatch(site, ground, batch);
  const again = trial.outcomes.filter(({ result }) => result.kind === "in company");
  const apart = again.map(({ waiting: one }) => ({ ...one, tries: one.tries + 1 }));
  queues.set(substrate, [...(queues.get(substrate) ?? []), ...apart]);
  done(substrate, trial);
  tell(progress(substrate, trial, queues.get(substrate)?.length ?? 0));
  for (const { drift, what, why } of findingsIn(trial)) tell(`  ${drift}: ${[what, ...why].join("; ")}`);
  return (trial.clean && trial.left.length === 0) || isHealthy(site, substrate, trial);
}

function progress(substrate: string, { outcomes, blamed }: Trial, left: number): string {
  const count = (wanted: (outcome: Outcome) => boolean) => outcomes.filter(wanted).length;
  const injected = count(({ result }) => result.kind === "injected");
  const good = count(({ result }) => result.kind === "injected" && result.repair.kind !== "failed");
  const again = count(({ result }) => result.kind === "in company");
  const said = [`${injected} injected`, `${good} put right`, `${again} again apart`];
  return `${substrate.padEnd(6)} ${said.join(", ")}, ${blamed.length} blamed wrongly; ${left} wait`;
}

/** Taken back by the lab itself where repairing did not do it. */
async function isHealthy(site: Site, substrate: string, { left }: Trial): Promise<boolean> {
  await site.heal();
  const { exit } = await site.certify(substrate, "--repair");
  return exit === 0 && stillThere(left, await site.state(substrate)).length === 0;
}
