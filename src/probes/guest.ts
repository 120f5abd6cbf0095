// The checks that every guest gets, whoever hosts it: SSH with the known host key, cloud-init, hostname.
import type { Check } from "../check/check.ts";
import { type Chorus, Patience, type Power } from "../check/chorus.ts";
import type { CheckKey } from "../check/key.ts";
import { fail, impostor, type Outcome, pass, say } from "../check/outcome.ts";
import { poll } from "../check/poll.ts";
import { Unreadable } from "../check/unreadable.ts";
import type { Common, Endpoint } from "../environment/common.ts";
import type { Name } from "../environment/name.ts";
import { cloudInitProbe, judgeCloudInit } from "./readers/cloudinit.ts";
import { hostnameProbe, judgeHostname } from "./readers/hostname.ts";
import type { Probe, Reading, Transport } from "./transport.ts";
import { HostKeyMismatch, openSession } from "./transports/ssh.ts";

/** For cloud-init to end, once a guest answers, in ms. */
const setUpTime = 600_000;

/** How long a guest that boots by this deadline, in ms, may take to settle. */
export function settlingTime(bootDeadline: number): number {
  return bootDeadline + 60_000 + setUpTime;
}

/** What a guest should be, and where that is known from. */
type Expectation = {
  readonly hostname: string;
  /** As `cloud-init status` names it: any of these. */
  readonly datasource: string | readonly string[];
  /** Where it is reached from here, if that is not known beforehand. */
  readonly host?: (signal: AbortSignal) => Promise<string>;
  /** Milliseconds from switching it on to its answering. */
  readonly bootDeadline: number;
  /**
   * Whether the host key line that it shows, `ssh-ed25519 AAAA…`, is its own, by a source that is not its SSH server.
   * Throws {@link Rekeyed}.
   */
  readonly owns: (hostKey: string, signal: AbortSignal) => Promise<boolean>;
  /** What its host says of it. */
  readonly power: (signal: AbortSignal) => Promise<Power>;
};

/** Thrown of a guest that shows its own host key, which is another than the recorded one: it was set up behind our back. */
export class Rekeyed extends Error {
  override readonly name = "Rekeyed";
}

/** One guest from inside, while its session is open. */
export type Visit = Transport & {
  /** A reading of the batch that opened the session; none where that was not in it. */
  readonly greeted: (probe: Probe) => Reading | undefined;
  /** Resolves when it is known whether the guest can be visited at all, and if so, when it has set itself up or failed to. */
  readonly settled: Promise<void>;
};

/** An endpoint that was logged in to, as it was dialled, and the host key line that it showed and was expected to. */
export type Met = { readonly endpoint: Endpoint; readonly hostKey: string };

type Plan = {
  readonly endpoints: readonly Endpoint[];
  readonly access: Common;
  /** All guests that are asked over SSH. */
  readonly chorus: Chorus;
  /** What must have passed before a guest is asked at all. */
  readonly after: (endpoint: Endpoint) => readonly CheckKey[];
  readonly expected: (endpoint: Endpoint) => Expectation;
  /** What else is read at once with the guest's name and state. */
  readonly greeting: readonly Probe[];
  /** Is told of everyone who was logged in to. */
  readonly met: (met: Met) => void;
  readonly closing: AsyncDisposableStack;
};

/** g.ssh, g.cloudinit and g.hostname for each endpoint, and the sessions they leave open for other checks. */
export function guestChecks(plan: Plan): { checks: readonly Check[]; visit: (name: Name) => Visit } {
  const guests = plan.endpoints.map((endpoint) => new Guest(endpoint, plan));
  return {
    checks: guests.flatMap((guest) => guest.checks()),
    visit: (name) => {
      const guest = guests.find(({ endpoint }) => endpoint.name === name);
      if (guest === undefined) throw new TypeError(`${name} is not an endpoint`);
      return guest;
    },
  };
}

class Guest implements Visit {
  readonly endpoint: Endpoint;
  readonly #plan: Plan;
  readonly #expected: Expectation;
  readonly #settling = Promise.withResolvers<void>();
  /** Everything that can be read at once, in the batch that opens the session. */
  readonly #greeting: readonly Probe[];
  #session: Transport | undefined;
  #greeted: ReadonlyMap<string, Reading> = new Map();

  constructor(endpoint: Endpoint, plan: Plan) {
    this.endpoint = endpoint;
    this.#plan = plan;
    this.#expected = plan.expected(endpoint);
    this.#greeting = [hostnameProbe, cloudInitProbe, ...plan.greeting];
  }

  get settled(): Promise<void> {
    return this.#settling.promise;
  }

  readonly greeted = (probe: Probe): Reading | undefined => this.#greeted.get(probe.id);

  checks(): readonly Check[] {
    const { name } = this.endpoint;
    const about = { target: name, after: [`g.ssh@${name}`] as const };
    return [
      {
        id: "g.ssh",
        target: name,
        after: this.#plan.after(this.endpoint),
        deadline: this.#expected.bootDeadline + 60_000,
        observe: (signal) => this.#reach(signal),
      },
      { ...about, id: "g.cloudinit", deadline: setUpTime, observe: (signal) => this.#awaitCloudInit(signal) },
      {
        ...about,
        id: "g.hostname",
        deadline: 10_000,
        observe: async () => judgeHostname(this.greeted(hostnameProbe), name, this.#expected.hostname),
      },
    ];
  }

  run(probes: readonly Probe[], signal: AbortSignal): Promise<ReadonlyMap<string, Reading>> {
    if (this.#session === undefined)
      throw new Unreadable("unreachable", `no session to ${this.endpoint.name}`);
    return this.#session.run(probes, signal);
  }

  async #reach(signal: AbortSignal): Promise<Outcome> {
    const { chorus } = this.#plan;
    const patience = new Patience(this.#expected.bootDeadline);
    const attempt = () => this.#attempt(patience, signal);
    try {
      const { value, tries } = await poll(attempt, { first: 250, most: 5_000 }, signal);
      return value === "reached"
        ? pass(say`SSH answers with the expected host key (tries: ${tries})`)
        : value;
    } finally {
      chorus.report(this.endpoint.name);
      // One that was reached may have no responders yet.
      if (this.#session === undefined) this.#settling.resolve();
    }
  }

  /** None while the guest may still be booting. */
  async #attempt(patience: Patience, signal: AbortSignal): Promise<Outcome | "reached" | undefined> {
    const { name } = this.endpoint;
    const began = performance.now();
    try {
      await this.#open(signal);
      this.#plan.chorus.report(name, () => this.#answer(signal));
      return "reached";
    } catch (error) {
      if (error instanceof HostKeyMismatch)
        return impostor(say`${name} shows another host key than the known one`);
      if (error instanceof Rekeyed)
        return fail(say`${name} has set itself up again: its host key is its own, and not the recorded one`);
      if (!(error instanceof Unreadable) || signal.aborted || error.reason === "no-record") throw error;
      const power = await this.#expected.power(signal);
      if (patience.mayBeBooting(power, performance.now() - began)) return undefined;
      if (error.reason === "no-expectation") throw error;
      return this.#plan.chorus.judge(name, power);
    }
  }

  /** Logs in once more, for a sibling that can not: an open session proves nothing of new ones. */
  async #answer(signal: AbortSignal): Promise<void> {
    await using session = (await this.#login(signal)).session;
    await session.run([hostnameProbe], signal);
  }

  async #login(signal: AbortSignal) {
    const { sshKey, jump, connectTimeout } = this.#plan.access;
    const host = await this.#expected.host?.(signal);
    const endpoint = host === undefined ? this.endpoint : { ...this.endpoint, host };
    const verify = (shown: string) => this.#expected.owns(shown, signal);
    const session = await openSession(endpoint, {
      ...{ privateKey: sshKey, jump, connectTimeout, verify, signal },
    });
    return { endpoint, session };
  }

  async #open(signal: AbortSignal): Promise<void> {
    const { endpoint, session } = await this.#login(signal);
    this.#plan.closing.use(session);
    this.#greeted = await session.run(this.#greeting, signal);
    this.#session = session;
    this.#plan.met({ endpoint, hostKey: session.hostKey });
  }

  async #awaitCloudInit(signal: AbortSignal): Promise<Outcome> {
    const { name } = this.endpoint;
    const attempt = async () => {
      const outcome = judgeCloudInit(this.greeted(cloudInitProbe), name, this.#expected.datasource);
      // What cloud-init was still at may have changed everything else that was read with it.
      if (outcome === undefined) this.#greeted = await this.run(this.#greeting, signal);
      return outcome;
    };
    try {
      return (await poll(attempt, { first: 500, most: 10_000 }, signal)).value;
    } finally {
      this.#settling.resolve();
    }
  }
}
