// The contract of a transport: a way to run one batch of read-only probes on one endpoint.

/** A command to run on an endpoint. It must change nothing there. */
export type Probe = {
  /** Unique in its batch: `hostname`, `ping-leaf2`. */
  readonly id: string;
  readonly argv: readonly [string, ...string[]];
  /** Seconds after which the endpoint itself ends the command (its exit code is then 124). */
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

/** Runs a batch of probes side by side in one round trip. Throws `Unreadable` where the endpoint can not be asked. */
export interface Transport {
  run(probes: readonly Probe[], signal: AbortSignal): Promise<ReadonlyMap<string, Reading>>;
}
