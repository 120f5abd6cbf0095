// One batch of probes that several checks share: whoever reads first has it run, once, for all.
import { Shared } from "./shared.ts";
import type { Probe, Reading, Transport } from "./transport.ts";
import { whole } from "./whole.ts";

/** Milliseconds for all of it, beside opening. */
const patience = 120_000;

/** A batch that is put together while planning and run when the first reading is wanted. */
export class Batch {
  readonly #open: () => Promise<Transport>;
  readonly #probes = new Map<string, Probe>();
  #running: Shared<ReadonlyMap<string, Reading>> | undefined;

  /** `open` is called once, when the batch is to be run. */
  constructor(open: () => Promise<Transport>) {
    this.#open = open;
  }

  /** Adds a probe; one with the same id is the same probe. */
  add(probe: Probe): Probe {
    if (this.#running !== undefined) throw new TypeError(`${probe.id} comes too late for its batch`);
    this.#probes.set(probe.id, probe);
    return probe;
  }

  /** What a probe came to, whole. Throws `Unreadable`, or what opening throws. */
  async read(probe: Probe, signal: AbortSignal): Promise<Reading> {
    this.#running ??= new Shared(this.#run(), "shared batch of probes");
    const readings = await this.#running.within(signal);
    return whole(readings.get(probe.id), probe.id);
  }

  async #run(): Promise<ReadonlyMap<string, Reading>> {
    const transport = await this.#open();
    return transport.run([...this.#probes.values()], AbortSignal.timeout(patience));
  }
}
