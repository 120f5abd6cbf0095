// Host keys between looks and certifications: what the ledger remembers, and what was learned since.
import type { Outcome } from "../check/outcome.ts";
import { Unreadable } from "../check/unreadable.ts";
import type { Recorded } from "../engine/checkpoint.ts";
import type { Name } from "../environment/name.ts";
import type { HostKey } from "../ledger/ledger.ts";
import { digest } from "../manifest/canonical.ts";
import type { Met } from "../probes/guest.ts";
import type { HostKeys } from "../substrates/substrate.ts";

/** Host keys by endpoint. */
export type KeysByEndpoint = Readonly<Record<string, HostKey>>;

/** The known host keys of one substrate's endpoints. */
export class KnownKeys {
  readonly #records: ReadonlyMap<string, HostKey> | Unreadable;
  readonly #learning: boolean;
  readonly #forgotten = new Set<string>();

  /**
   * @param records what the ledger holds, or why it could not be read
   * @param learning whether an endpoint without a record is believed on its host's word
   */
  constructor(records: KeysByEndpoint | Unreadable, learning: boolean) {
    this.#records = records instanceof Unreadable ? records : new Map(Object.entries(records));
    this.#learning = learning;
  }

  /** For one look at machines that the engine remembers as these resources: what checks ask, and what they noted. */
  during(resources: readonly Recorded[]): {
    readonly keys: HostKeys;
    readonly noted: () => KeysByEndpoint;
    readonly met: readonly Met[];
  } {
    const noted = new Map<string, HostKey>();
    const met: Met[] = [];
    const keys: HostKeys = {
      recorded: (endpoint) => this.#recorded(endpoint, machineOf(resources, endpoint)),
      note: (endpoint, fingerprint) =>
        void noted.set(endpoint, { fingerprint, machine: machineOf(resources, endpoint) }),
      met: (one) => void met.push(one),
    };
    return { keys, noted: () => Object.fromEntries(noted), met };
  }

  /** A repair has made another instance of it: its key is learned anew, but not where it was a wrong one before. */
  forget(endpoint: Name, before: readonly Pick<Outcome, "impostor">[]): void {
    if (!before.some(({ impostor }) => impostor === true)) this.#forgotten.add(endpoint);
  }

  /** What of these the ledger does not hold yet. */
  news(keys: KeysByEndpoint): KeysByEndpoint {
    const records = this.#records;
    if (records instanceof Unreadable) return {};
    return Object.fromEntries(
      Object.entries(keys).filter(([endpoint, { fingerprint, machine }]) => {
        const known = records.get(endpoint);
        return known?.fingerprint !== fingerprint || known.machine !== machine;
      }),
    );
  }

  #recorded(endpoint: Name, machine: string): string | undefined {
    if (this.#records instanceof Unreadable) throw this.#records;
    const record = this.#records.get(endpoint);
    if (record?.machine === machine && !this.#forgotten.has(endpoint)) return record.fingerprint;
    if (this.#learning) return undefined;
    throw new Unreadable("no-record", endpoint);
  }
}

/**
 * What tells one machine from another of the same name: when the engine made it, and from what. A record of another
 * machine says nothing about this one.
 */
function machineOf(resources: readonly Recorded[], endpoint: Name): string {
  const own = resources.filter(({ name }) => name === endpoint);
  return digest(own.map(({ created, substance }) => ({ created, substance })));
}
