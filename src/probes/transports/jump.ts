// The way through a jump host: one connection to it for all endpoints, opened by the first and closed by the last.
import type ssh2 from "ssh2";
import { type Reason, Unreadable } from "../../check/unreadable.ts";
import type { Common } from "../../environment/common.ts";
import type { Secret } from "../../environment/secret.ts";
import { HostKeyMismatch, login } from "./client.ts";
import { explain, orAborted } from "./failure.ts";
import { connect } from "./tcp.ts";
import type { Wire } from "./wire.ts";

/** A jump host as stack config has it. */
export type JumpSettings = NonNullable<Common["jump"]>;

/** How the jump host itself is reached; `connectTimeout` in ms. */
export type JumpAccess = { readonly privateKey: Secret; readonly connectTimeout: number };

/** By the settings' object, so that everyone with the same stack config shares. */
const jumps = new WeakMap<JumpSettings, Jump>();

/** The jump host of these settings. */
export function jumpFor(settings: JumpSettings, access: JumpAccess): Jump {
  const jump = jumps.get(settings) ?? new Jump(settings, access);
  jumps.set(settings, jump);
  return jump;
}

/** One connection to the jump host and how many wires need it. */
type Shared = {
  users: number;
  readonly opened: Promise<{ client: ssh2.Client; wire: Wire }>;
  readonly closing: AbortController;
};

class Jump {
  readonly #settings: JumpSettings;
  readonly #access: JumpAccess;
  #shared: Shared | undefined;

  constructor(settings: JumpSettings, access: JumpAccess) {
    this.#settings = settings;
    this.#access = access;
  }

  /** A stream to an address behind the jump host. Throws `Unreadable` with the jump host in its detail. */
  async dial(host: string, port: number, signal: AbortSignal): Promise<Wire> {
    const shared = this.#shared ?? this.#open();
    shared.users += 1;
    const release = releaseOnce(() => this.#release(shared));
    const doing = `${this.#name()} to ${host}:${port}`;
    try {
      const { client } = await orAborted(shared.opened, signal, doing);
      const channel = await orAborted(forward(client, { host, port, doing }, signal), signal, doing);
      return asWire(channel, release);
    } catch (error) {
      await release();
      throw explain(error, doing);
    }
  }

  #open(): Shared {
    const closing = new AbortController();
    const opened = this.#connect(closing.signal);
    const shared = { users: 0, opened, closing };
    const forget = () => this.#forget(shared);
    opened.then(({ client }) => client.once("close", forget), forget);
    this.#shared = shared;
    return shared;
  }

  #forget(shared: Shared): void {
    if (this.#shared === shared) this.#shared = undefined;
  }

  async #release(shared: Shared): Promise<void> {
    shared.users -= 1;
    if (shared.users > 0) return;
    this.#forget(shared);
    shared.closing.abort();
    // A connection that never opened has hung up by itself.
    const opened = await shared.opened.catch(() => undefined);
    await opened?.wire.hangUp();
  }

  async #connect(closing: AbortSignal): Promise<{ client: ssh2.Client; wire: Wire }> {
    const { host, port, user, hostKey } = this.#settings;
    const signal = AbortSignal.any([closing, AbortSignal.timeout(this.#access.connectTimeout)]);
    const verify = (shown: string) => shown === hostKey;
    try {
      const wire = await connect(host, port, signal);
      const { client } = await login(wire, { user, privateKey: this.#access.privateKey, verify }, signal);
      return { client, wire };
    } catch (error) {
      // A jump host with a wrong key says nothing about the endpoints behind it: blocked, not failed.
      const reason = error instanceof HostKeyMismatch ? "untrusted" : explain(error, "").reason;
      throw new Unreadable(reason, this.#name(), { cause: error });
    }
  }

  #name(): string {
    return `jump host ${this.#settings.host}:${this.#settings.port}`;
  }
}

function releaseOnce(release: () => Promise<void>): () => Promise<void> {
  let released: Promise<void> | undefined;
  return () => {
    released ??= release();
    return released;
  };
}

type Aim = { readonly host: string; readonly port: number; readonly doing: string };

/** Asks for a direct-tcpip channel (RFC 4254, 7.2). */
function forward(
  client: ssh2.Client,
  { host, port, doing }: Aim,
  signal: AbortSignal,
): Promise<ssh2.ClientChannel> {
  const { promise, resolve, reject } = Promise.withResolvers<ssh2.ClientChannel>();
  client.forwardOut("127.0.0.1", 0, host, port, (error, channel) => {
    if (error !== undefined) return reject(new Unreadable(refusal(error), doing, { cause: error }));
    // Comes too late for anybody to use it.
    if (signal.aborted) channel.destroy();
    resolve(channel);
  });
  return promise;
}

/** sshd tells why it could not connect by errno's text, other servers say nothing (RFC 4254, 5.1). */
function refusal(error: Error): Reason {
  if (/timed out/i.test(error.message)) return "timeout";
  if (/no route|unreachable|no response|closed/i.test(error.message)) return "unreachable";
  return "refused";
}

function asWire(channel: ssh2.ClientChannel, release: () => Promise<void>): Wire {
  let open = true;
  const end = () => {
    open = false;
    return release();
  };
  // An error is told by the close that follows.
  channel.on("error", () => undefined).once("close", end);
  const hangUp = () => {
    channel.destroy();
    return end();
  };
  return { stream: channel, isOpen: () => open, hangUp };
}
