// Probes over SSH: one connection to an endpoint, one exec channel for each batch.
import { randomBytes } from "node:crypto";
import type ssh2 from "ssh2";
import { Unreadable } from "../../check/unreadable.ts";
import type { Endpoint } from "../../environment/common.ts";
import type { Secret } from "../../environment/secret.ts";
import { driverCommand, encodeBatch, longestOf } from "../driver.ts";
import { decodeFrames, mostOutput } from "../frames.ts";
import type { Probe, Reading, Transport } from "../transport.ts";
import { type Login, login } from "./client.ts";
import { explain, orAborted } from "./failure.ts";
import { type JumpSettings, jumpFor } from "./jump.ts";
import { Lanes } from "./lanes.ts";
import { connect } from "./tcp.ts";
import type { Wire } from "./wire.ts";

export { HostKeyMismatch } from "./client.ts";

/** How an endpoint is reached. */
export type Access = {
  readonly privateKey: Secret;
  /** The jump host that leads there; sessions with the same object share one connection to it. */
  readonly jump?: JumpSettings | undefined;
  /** Milliseconds for TCP connect and SSH handshake together, and for a batch on top of its longest queue. */
  readonly connectTimeout: number;
  /** Judges the host key that the endpoint shows, before any login. Refusing ends in `HostKeyMismatch`. */
  readonly verify: Login["verify"];
  readonly signal: AbortSignal;
};

/** A login that stays open. Running a batch that fails for whatever reason closes it. */
export type Session = Transport &
  AsyncDisposable & {
    /** The line that the endpoint showed: `ssh-ed25519 AAAA…` */
    readonly hostKey: string;
  };

/** Handshakes and batches of all sessions at once: more of them only wait for this process's one thread. */
const lanes = new Lanes(64);

/** Connects and logs in. Throws `Unreadable`, `HostKeyMismatch`, or what `verify` throws. */
export function openSession(endpoint: Endpoint, access: Access): Promise<Session> {
  return lanes.run(() => open(endpoint, access), access.signal);
}

async function open(endpoint: Endpoint, access: Access): Promise<Session> {
  const signal = AbortSignal.any([access.signal, AbortSignal.timeout(access.connectTimeout)]);
  const wire = await dial(endpoint, access, signal);
  const { client, hostKey } = await login(wire, { ...access, user: endpoint.user }, signal);
  return {
    hostKey,
    run: (probes, abort) =>
      lanes.run(() => run({ client, wire, grace: access.connectTimeout }, probes, abort), abort),
    [Symbol.asyncDispose]: wire.hangUp,
  };
}

function dial({ host, port }: Endpoint, { jump, ...access }: Access, signal: AbortSignal): Promise<Wire> {
  return jump === undefined ? connect(host, port, signal) : jumpFor(jump, access).dial(host, port, signal);
}

type Line = { readonly client: ssh2.Client; readonly wire: Wire; readonly grace: number };

async function run(
  line: Line,
  probes: readonly Probe[],
  abort: AbortSignal,
): Promise<ReadonlyMap<string, Reading>> {
  const nonce = randomBytes(16).toString("hex");
  const batch = encodeBatch(probes, nonce);
  const longest = AbortSignal.timeout(1_000 * longestOf(probes) + line.grace);
  const signal = AbortSignal.any([abort, longest]);
  try {
    const output = await orAborted(
      collect(line, batch, mostOutput(probes.length)),
      signal,
      "batch of probes",
    );
    return decodeFrames(output, probes, nonce);
  } catch (error) {
    await line.wire.hangUp();
    throw error;
  }
}

/** Runs the driver with this stdin and gives all that it prints. */
async function collect({ client, wire }: Line, stdin: string, most: number): Promise<string> {
  const channel = await execute(client, wire);
  const chunks: Buffer[] = [];
  let size = 0;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let noise = 0;
  const bound = (said: number) => {
    if (said > most) reject(new Unreadable("unparsable", "more output than is read"));
  };
  channel.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    bound(size);
  });
  // The driver says nothing there; rc files may, and whoever floods it is not listened to until the deadline.
  channel.stderr.on("data", (chunk: Buffer) => {
    noise += chunk.length;
    bound(noise);
  });
  channel.on("error", (error: unknown) => reject(explain(error, "batch of probes")));
  channel.once("close", () => resolve());
  channel.end(stdin);
  await promise;
  if (size === 0 && !wire.isOpen())
    throw new Unreadable("unreachable", "connection lost in a batch of probes");
  return Buffer.concat(chunks).toString();
}

function execute(client: ssh2.Client, wire: Wire): Promise<ssh2.ClientChannel> {
  const { promise, resolve, reject } = Promise.withResolvers<ssh2.ClientChannel>();
  if (!wire.isOpen()) throw new Unreadable("unreachable", "the session is closed");
  client.exec(driverCommand, (error, channel) => {
    if (error === undefined) resolve(channel);
    else reject(explain(error, "exec"));
  });
  return promise;
}
