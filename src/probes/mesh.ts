// One batch for each guest, of all that it should and should not reach; what to ask may only be known when it is run.
import type { CheckKey } from "../check/key.ts";
import { Unreadable } from "../check/unreadable.ts";
import type { Name } from "../environment/name.ts";
import type { Visit } from "./guest.ts";
import { Shared } from "./shared.ts";
import type { Probe, Reading } from "./transport.ts";
import { whole } from "./whole.ts";

/** Makes a probe when it is to be run. Throws `Unreadable` where that can not be done. */
export type MakeProbe = (signal: AbortSignal) => Promise<Probe>;

/** A guest as far as its batch needs it. */
type Party = Pick<Visit, "settled" | "run">;

/** Milliseconds for all of a batch, beside waiting for the guests. */
const patience = 120_000;

/** Readings by the number that planning gave, each with its own reason where there is none. */
type Readings = ReadonlyMap<number, () => Reading>;

/** The batches of some guests; each is run once, when all of them have settled: one that still boots would not answer. */
export class GuestMesh {
  readonly #visit: (name: Name) => Party;
  readonly #names: readonly Name[];
  readonly #planned = new Map<Name, MakeProbe[]>();
  readonly #running = new Map<Name, Shared<Readings>>();

  constructor(names: readonly Name[], visit: (name: Name) => Party) {
    this.#names = names;
    this.#visit = visit;
  }

  /** Adds a probe to a guest's batch; the function given back reads it. Only before any of them is read. */
  plan(source: Name, make: MakeProbe): (signal: AbortSignal) => Promise<Reading> {
    if (this.#running.has(source)) throw new TypeError(`too late for the batch of ${source}`);
    const planned = this.#planned.get(source) ?? [];
    this.#planned.set(source, planned);
    const number = planned.push(make) - 1;
    return async (signal) => {
      const running =
        this.#running.get(source) ?? new Shared(this.#run(source, planned), "shared batch of probes");
      this.#running.set(source, running);
      const reading = (await running.within(signal)).get(number);
      if (reading === undefined) throw new Unreadable("truncated", "a batch of probes");
      return reading();
    };
  }

  async #run(source: Name, planned: readonly MakeProbe[]): Promise<Readings> {
    await Promise.all(this.#names.map((name) => this.#visit(name).settled));
    const signal = AbortSignal.timeout(patience);
    const made = await Promise.allSettled(planned.map((make) => make(signal)));
    const probes = made.flatMap((one, number) =>
      one.status === "fulfilled" ? [{ ...one.value, id: `p${number}` }] : [],
    );
    const readings = probes.length === 0 ? new Map() : await this.#visit(source).run(probes, signal);
    return new Map(made.map((one, number) => [number, () => readingOf(one, readings.get(`p${number}`))]));
  }
}

function readingOf(made: PromiseSettledResult<Probe>, reading: Reading | undefined): Reading {
  if (made.status === "rejected") throw made.reason;
  return whole(reading, made.value.id);
}

/** What must have passed before anything between these guests can be judged. */
export function metBy(names: readonly Name[]): readonly CheckKey[] {
  return [...new Set(names)].map((name) => `g.ssh@${name}` as const);
}
