// One batch for each guest, of all that it should and should not reach; what to ask may only be known when it is run.
import type { CheckKey } from "../check/key.ts";
import { Unreadable } from "../check/unreadable.ts";
import type { Name } from "../environment/name.ts";
import type { Visit } from "./guest.ts";
import { Shared } from "./shared.ts";
import type { Probe, Question, Reading } from "./transport.ts";
import { Lanes } from "./transports/lanes.ts";
import { whole } from "./whole.ts";

/** Makes a question when it is to be asked. Throws `Unreadable` where that can not be done. */
type MakeQuestion<T> = (signal: AbortSignal) => Promise<Question<T>>;

/** A guest as far as its batch needs it. */
type Party = Pick<Visit, "run">;

/** Milliseconds for all of a batch, beside waiting for the guests and for its turn. */
const patience = 120_000;

/** Batches that are made up and asked at a time: what the others will ask is not even made. */
const lanes = new Lanes(32);

/** The batches of some guests; each is run once, when all of them have settled: one that still boots would not answer. */
export class GuestMesh {
  readonly #settled: Promise<unknown>;
  readonly #visit: (name: Name) => Party;
  readonly #planned = new Map<Name, Planned<unknown>[]>();
  readonly #running = new Map<Name, Shared<void>>();

  /** @param settled resolves when all guests have set themselves up, or can not be visited */
  constructor(settled: Promise<unknown>, visit: (name: Name) => Party) {
    this.#settled = settled;
    this.#visit = visit;
  }

  /** Adds a question to a guest's batch; the function given back tells its answer. Only before any of them is read. */
  plan<T>(source: Name, make: MakeQuestion<T>): (signal: AbortSignal) => Promise<T> {
    if (this.#running.has(source)) throw new TypeError(`too late for the batch of ${source}`);
    const batch = this.#planned.get(source) ?? [];
    this.#planned.set(source, batch);
    const planned = new Planned(make);
    batch.push(planned);
    return async (signal) => {
      const running =
        this.#running.get(source) ?? new Shared(this.#run(source, batch), "shared batch of probes");
      this.#running.set(source, running);
      await running.within(signal);
      return planned.answer();
    };
  }

  async #run(source: Name, batch: readonly Planned<unknown>[]): Promise<void> {
    await this.#settled;
    await lanes.run(() => this.#ask(source, batch));
  }

  async #ask(source: Name, batch: readonly Planned<unknown>[]): Promise<void> {
    const signal = AbortSignal.timeout(patience);
    const made = await Promise.all(batch.map((planned) => planned.probe(signal)));
    const probes = made.flatMap((probe, number) => (probe ? [{ ...probe, id: `p${number}` }] : []));
    if (probes.length === 0) return;
    const readings = await this.#visit(source).run(probes, signal);
    for (const [number, planned] of batch.entries()) planned.take(readings.get(`p${number}`));
  }
}

/** One question of a batch. Of what it took to ask it nothing is kept: a mesh has hundreds of thousands. */
class Planned<T> {
  #make: MakeQuestion<T> | undefined;
  #read: Question<T>["read"] | undefined;
  #told: { readonly value: T } | { readonly error: unknown } | undefined;

  constructor(make: MakeQuestion<T>) {
    this.#make = make;
  }

  /** None where the question can not be made. */
  async probe(signal: AbortSignal): Promise<Probe | undefined> {
    try {
      const question = await this.#make?.(signal);
      this.#read = question?.read;
      return question?.probe;
    } catch (error) {
      this.#told = { error };
      return undefined;
    } finally {
      this.#make = undefined;
    }
  }

  /** Reads what came of its probe, if it had one. */
  take(reading: Reading | undefined): void {
    const read = this.#read;
    this.#read = undefined;
    if (read !== undefined) this.#told = attempt(() => read(whole(reading, "a batch of probes")));
  }

  /** What was told. Throws what making the question or reading it threw. */
  answer(): T {
    if (this.#told === undefined) throw new Unreadable("truncated", "a batch of probes");
    if ("error" in this.#told) throw this.#told.error;
    return this.#told.value;
  }
}

function attempt<T>(work: () => T): { readonly value: T } | { readonly error: unknown } {
  try {
    return { value: work() };
  } catch (error) {
    return { error };
  }
}

/** What must have passed before anything between these guests can be judged. */
export function metBy(names: readonly Name[]): readonly CheckKey[] {
  return [...new Set(names)].map((name) => `g.ssh@${name}` as const);
}
