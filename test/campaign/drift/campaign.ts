// All of it: what there is to drift, the clean runs, the batches, and what they came to.
import { loadSubstrate } from "../../../src/substrates/index.ts";
import { sideBySide } from "../sidebyside.ts";
import { randomFrom, shuffled, type Waiting } from "./batch.ts";
import { lookForAlarms } from "./clean.ts";
import { type Figures, type Finding, figuresOf, findingsOf } from "./figures.ts";
import { type Plan, planOf } from "./injection.ts";
import { workThrough } from "./schedule.ts";
import { Site } from "./site.ts";
import type { Trial } from "./trial.ts";

/** What is asked for. */
export type Asked = {
  readonly substrate: readonly string[];
  /** So many drifts of each substrate, by chance; none: all. */
  readonly sample: number | undefined;
  /** Part of the names of the drifts that are meant; none: all. */
  readonly only: string | undefined;
  readonly seed: number;
  readonly worlds: number;
  readonly most: number;
  readonly together: number;
  readonly clean: number;
};

/** What it came to. */
export type Result = {
  readonly seed: number;
  readonly substrates: Readonly<Record<string, Figures>>;
  readonly clean: { readonly runs: number; readonly alarms: number };
  /** How many properties are left out, by reason. */
  readonly immaterial: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
  /** How many waited when it was ended early. */
  readonly left: number;
};

type Means = { readonly signal: AbortSignal; readonly tell: (line: string) => void };

/** Runs the campaign. Ends its labs whatever happens. */
export async function driftCampaign(asked: Asked, { signal, tell }: Means): Promise<Result> {
  const trials = new Map(asked.substrate.map((substrate): [string, Trial[]] => [substrate, []]));
  const clean: (string | undefined)[] = [];
  const planned = Promise.withResolvers<ReadonlyMap<string, Plan>>();
  const queues = new Map<string, readonly Waiting[]>();
  const course = sideBySide(asked.worlds, signal, async (index, ending) => {
    await using site = await Site.start(ending);
    if (index === 0) {
      const plans = await plansOf(site, asked.substrate);
      for (const [substrate, plan] of plans) queues.set(substrate, queueOf(plan, asked));
      tell(`${[...queues.values()].flat().length} drifts`);
      planned.resolve(plans);
    }
    const order = [...asked.substrate.slice(index), ...asked.substrate.slice(0, index)];
    const times = Math.floor((asked.clean + index) / asked.worlds);
    await lookForAlarms(site, { substrates: order, times, tell: (alarm) => void clean.push(alarm) });
    await Promise.race([planned.promise, aborted(ending)]);
    const done = (substrate: string, trial: Trial) => void trials.get(substrate)?.push(trial);
    await workThrough(site, { queues, limits: asked, tell, done }, order);
  });
  // Whoever has enough of it is told what it came to so far.
  const plans = await Promise.race([planned.promise, course.then(() => planned.promise)]);
  await course.catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  const left = [...queues.values()].flat().length;
  return resultOf(asked.seed, { plans, trials, clean, left });
}

/** What there is to drift, as one world has it; it is the same in all. */
async function plansOf(site: Site, substrates: readonly string[]): Promise<ReadonlyMap<string, Plan>> {
  const plans = new Map<string, Plan>();
  for (const substrate of substrates) {
    await site.provision(substrate);
    const { drifts, immaterial } = await (await loadSubstrate(substrate)).double();
    plans.set(substrate, planOf({ substrate, things: await site.things(substrate), drifts, immaterial }));
  }
  return plans;
}

function queueOf({ injections }: Plan, { sample, only = "", seed }: Asked): readonly Waiting[] {
  const meant = injections.filter(({ name }) => name.includes(only));
  const mixed = shuffled(meant, randomFrom(seed)).slice(0, sample);
  return mixed.map((injection) => ({ injection, tries: 0 }));
}

type Course = {
  readonly plans: ReadonlyMap<string, Plan>;
  readonly trials: ReadonlyMap<string, readonly Trial[]>;
  /** A reason for each clean run that was no pass. */
  readonly clean: readonly (string | undefined)[];
  readonly left: number;
};

function resultOf(seed: number, { plans, trials, clean, left }: Course): Result {
  const alarms = clean.flatMap((alarm) => alarm ?? []);
  const each = [...plans].map(([substrate, plan]) => ({ substrate, plan, own: trials.get(substrate) ?? [] }));
  return {
    seed,
    left,
    substrates: Object.fromEntries(each.map(({ substrate, plan, own }) => [substrate, figuresOf(plan, own)])),
    clean: { runs: clean.length, alarms: alarms.length },
    immaterial: Object.assign({}, ...each.map(({ plan }) => plan.immaterial)),
    findings: [
      ...alarms.map((why) => ({ drift: "none", what: "a false alarm", why: [why] })),
      ...each.flatMap(({ plan, own }) => findingsOf(plan, own)),
    ],
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  return promise;
}
