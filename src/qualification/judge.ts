// What a run comes to: the freeze, the substrate, then the product.
import { setTimeout as pause } from "node:timers/promises";
import { withEdges } from "../certification/abroad.ts";
import { look } from "../certification/look.ts";
import { openNamed } from "../certification/open.ts";
import { Unreadable } from "../check/unreadable.ts";
import { freezeOf } from "../freeze.ts";
import { type HostKeys, readLedger } from "../ledger/ledger.ts";
import { blame, infra } from "./blame.ts";
import { type Driven, drive } from "./drive.ts";
import { WatchdogLost } from "./leash.ts";
import type { ResultCheck, Verdict } from "./result.ts";
import type { Run } from "./run.ts";
import { awaitStill, type Boots, bootsOf, loginOf, moved, restarted } from "./watch.ts";
import { type Again, type Certified, certifyAgain } from "./whole.ts";

/** Brings a run to its verdict. Only a lost watchdog is thrown: nobody could be told the verdict. */
export async function judgeRun(run: Run): Promise<Verdict> {
  try {
    return await judge(run);
  } catch (error) {
    if (error instanceof WatchdogLost) throw error;
    run.means.debug(error instanceof Error ? (error.stack ?? error.message) : String(error));
    const interrupted = run.means.signal.aborted;
    const summary = interrupted ? "the run was interrupted" : "something could not be looked at";
    return infra([checkNow(interrupted ? "run.interrupted" : "run.whole", "blocked", summary)]);
  }
}

async function judge(run: Run): Promise<Verdict> {
  const { job, leash, means } = run;
  means.say(`freezing ${job.environment} as ${job.runId}`);
  if ((await leash.freeze()) !== undefined) return unfrozen(run);
  const { hostKeys } = await readLedger(job.environment, means);
  const certified = await openAll(run, hostKeys);
  const still = await awaitStill(certified, means);
  if (!still)
    return infra([checkNow("substrate.lock", "blocked", "an update of a stack does not come to an end")]);
  const changed = await moved(certified, job, means);
  if (changed.length > 0) return infra(changed);
  means.say("comparing the substrate with the certified one");
  const substrate = new Substrate(run, certified, hostKeys);
  const first = await substrate.certify();
  if (!first.whole) return infra(first.checks);
  const odd = await substrate.peek();
  if (odd.length > 0) return infra(odd);
  means.say("asking the product");
  const plans = { met: first.met, flows: certified.map(({ subject }) => subject) };
  const found = await substrate.watched(drive(run, plans));
  return found.wrong.length > 0 ? infra(found.wrong) : blame(found.driven, substrate, first);
}

/** Whose freeze is in the way, or that there was none to be had. */
async function unfrozen({ job, means }: Run): Promise<Verdict> {
  const held = await freezeOf(job.environment, means);
  if (held === undefined || held.runId === job.runId)
    return infra([checkNow("freeze.taken", "blocked", "the freeze could not be written")]);
  const summary = "another run has frozen the environment";
  return { classification: "preflight_failure", checks: [checkNow("preflight.freeze", "fail", summary)] };
}

async function openAll({ admitted, job, means }: Run, hostKeys: HostKeys): Promise<readonly Certified[]> {
  const opened = await openNamed({ ...admitted, repair: false }, admitted.providers, means);
  const subjects = await withEdges(opened, hostKeys, {
    ...means,
    environment: job.environment,
    progress: (event) => event.kind === "note" && means.say(event.text),
  });
  return subjects.map((subject) => {
    const provider = subject.substrate.name;
    const manifest = admitted.certified.find((one) =>
      one.manifest.providers.some((name) => name === provider),
    )?.manifest;
    const versions = manifest?.toolVersions ?? {};
    return { subject, state: versions[`state/${provider}`], observed: versions[`observed/${provider}`] };
  });
}

/** The substrate while the product is tried. */
class Substrate {
  readonly #run: Run;
  readonly #certified: readonly Certified[];
  readonly #hostKeys: HostKeys;
  #met: Again["met"] = [];
  /** Of each endpoint, the boot that it was in when it was first asked. */
  #boots: Boots = new Map();

  constructor(run: Run, certified: readonly Certified[], hostKeys: HostKeys) {
    this.#run = run;
    this.#certified = certified;
    this.#hostKeys = hostKeys;
  }

  /** Certifies again, reading only. */
  async certify(): Promise<Again> {
    const { means } = this.#run;
    const quiet = { ...means, progress: () => undefined };
    const again = await certifyAgain(this.#certified, this.#hostKeys, (subject, known) =>
      look(subject, quiet, known),
    );
    this.#met = again.met;
    return again;
  }

  /** Looks at each heartbeat while something goes on, and once more at its end; `wrong`: what is wrong with the substrate. */
  async watched(
    driving: Promise<Driven>,
  ): Promise<{ readonly wrong: readonly ResultCheck[]; readonly driven: Driven }> {
    const { heartbeat } = this.#run.request;
    const over = new AbortController();
    const signal = AbortSignal.any([this.#run.means.signal, over.signal]);
    const driven = driving.finally(() => over.abort());
    driven.catch(() => undefined);
    while (!signal.aborted) {
      await pause(heartbeat, undefined, { signal }).catch(() => undefined);
      this.#run.means.signal.throwIfAborted();
      const wrong = await this.peek();
      if (wrong.length > 0) return { wrong, driven: nothing };
    }
    return { wrong: [], driven: await driven };
  }

  /** A cheap look; only where that finds something odd a whole one. Gives what is wrong. */
  async peek(): Promise<readonly ResultCheck[]> {
    const { job, means } = this.#run;
    const changed = await moved(this.#certified, job, means).catch(asUnreadable);
    if (!(changed instanceof Unreadable) && changed.length > 0) return changed;
    const { boots, others } = await this.#compareBoots();
    if (others.length > 0) return others;
    if (!(changed instanceof Unreadable) && boots.size === this.#met.length) return [];
    means.say("something is odd: certifying again, only looking");
    const again = await this.certify();
    // Those that were silent answer again, perhaps from another boot.
    return again.whole ? (await this.#compareBoots()).others : again.checks;
  }

  async #compareBoots() {
    const logins = new Map(
      this.#certified.map(({ subject }) => [subject.substrate.name, loginOf(subject)] as const),
    );
    const boots = await bootsOf(this.#met, logins, this.#run.means.signal);
    const others = restarted(this.#boots, boots);
    this.#boots = new Map([...boots, ...this.#boots]);
    return { boots, others };
  }
}

const nothing: Driven = { exit: 0, checks: [] };

function checkNow(name: string, result: ResultCheck["result"], summary: string): ResultCheck {
  return { name, result, checkedAt: new Date().toISOString(), summary };
}

function asUnreadable(error: unknown): Unreadable {
  if (error instanceof Unreadable) return error;
  throw error;
}
