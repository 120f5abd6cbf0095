// The contract of a transport: a way to run one batch of read-only probes on one endpoint.

/** A command to run on an endpoint. It must change nothing there. */
export type Probe = {
  /** Unique in its batch: `hostname`, `ping-leaf2`. */
  readonly id: string;
  readonly argv: readonly [string, ...string[]];
  /** Whole seconds after which the endpoint itself ends the command: exit code 124, or 137 where it had to be killed. */
  readonly timeout: number;
};

/** What a command came to. */
export type Reading = {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether output was cut at the driver's bound. */
  readonly truncated: boolean;
};

/** A probe, and what its reading tells. `read` throws `Unreadable`. */
export type Question<T> = { readonly probe: Probe; readonly read: (reading: Reading) => T };

/** Runs a batch of probes in one round trip, as far as the endpoint has room for them side by side. Throws `Unreadable` where the endpoint can not be asked. */
export interface Transport {
  run(probes: readonly Probe[], signal: AbortSignal): Promise<ReadonlyMap<string, Reading>>;
}
