// Which connection of which engine run is configured how, and what is under way on it.
import type { Properties, ProviderDouble, ProviderSession } from "../substrates/double.ts";

// More connections than any test keeps open at once; older ones are gone, their ports free for others.
const remembered = 1_000;

type Connection = { readonly session: ProviderSession; readonly cancel: AbortController };

/** The configured sessions of one provider double, by the engine connection that configured them. */
export class Sessions {
  readonly #double: ProviderDouble;
  readonly #connections = new Map<string, Connection>();

  constructor(double: ProviderDouble) {
    this.#double = double;
  }

  /** Configures the connection from an address, anew where the address was used before. */
  configure(peer: string, config: Properties): void {
    this.#connections.delete(peer);
    this.#connections.set(peer, { session: this.#double.configure(config), cancel: new AbortController() });
    for (const old of [...this.#connections.keys()].slice(0, -remembered)) this.#connections.delete(old);
  }

  /**
   * Runs one call of a configured connection.
   * @param hungUp ends the call when the engine no longer waits for it
   * @throws Error where the connection was never configured
   */
  run<T>(
    peer: string,
    hungUp: AbortSignal,
    call: (session: ProviderSession, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const connection = this.#connections.get(peer);
    if (connection === undefined) throw new Error(`${this.#double.plugin}: the connection is not configured`);
    return call(connection.session, AbortSignal.any([hungUp, connection.cancel.signal]));
  }

  /** Ends what is under way on one connection, or on all. */
  abort(peer?: string): void {
    for (const [address, { cancel }] of this.#connections) {
      if (peer === undefined || peer === address) cancel.abort(new Error("cancelled by the engine"));
    }
  }
}
