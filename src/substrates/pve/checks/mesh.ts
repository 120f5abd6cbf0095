// The batches in which each guest tries all that it should and should not reach, shared by all checks about that.
import type { CheckKey } from "../../../check/key.ts";
import type { Name } from "../../../environment/name.ts";
import { Batch } from "../../../probes/batch.ts";
import { settlingTime, type Visit } from "../../../probes/guest.ts";
import { demandRoot, rootProbe } from "../../../probes/readers/root.ts";
import type { PveConfig } from "../config.ts";

/** One batch for each guest, run when all guests have settled: one that still boots would not answer. */
export class Mesh {
  readonly #batches: ReadonlyMap<Name, Batch>;
  readonly #visit: (name: Name) => Visit;
  /** Milliseconds for a check that reads a batch: it waits for the slowest guest. */
  readonly deadline: number;

  constructor(config: PveConfig, visit: (name: Name) => Visit) {
    const names = config.guests.map(({ name }) => name);
    const settled = Promise.all(names.map((name) => visit(name).settled));
    const open = async (name: Name) => {
      await settled;
      return visit(name);
    };
    this.#visit = visit;
    this.#batches = new Map(names.map((name) => [name, new Batch(() => open(name))]));
    this.deadline = settlingTime(config.common.bootDeadline) + 120_000;
  }

  /** The batch of a guest. */
  from(source: Name): Batch {
    const batch = this.#batches.get(source);
    if (batch === undefined) throw new TypeError(`${source} is not a guest`);
    return batch;
  }

  /** Throws `Unreadable` where the guest's probes can not become root. */
  demandRoot(source: Name): void {
    demandRoot(this.#visit(source).greeted(rootProbe));
  }
}

/** What must have passed before anything between these guests can be judged. */
export function met(names: readonly Name[]): readonly CheckKey[] {
  return [...new Set(names)].map((name) => `g.ssh@${name}` as const);
}
