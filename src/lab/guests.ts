// The way into the lab: an SSH jump host behind which the world decides who can be reached.
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import ssh2, { type AcceptConnection, type RejectConnection, type ServerChannel } from "ssh2";
import { algorithms } from "../probes/transports/algorithms.ts";
import type { Shell } from "../substrates/double.ts";
import type { Attachment } from "../world/host.ts";
import { generateHostKey } from "../world/hostkey.ts";
import { reach } from "../world/reachability.ts";
import type { World } from "../world/world.ts";
import { authenticate, serveGuest, serveShell } from "./sshd.ts";

/** The jump host's only login name. */
export const jumpUser = "jump";

/** Who may come in, and where the jump host is plugged in. */
export type JumpOptions = {
  /** A `ssh-ed25519 AAAA…` line. */
  readonly authorizedKey: string;
  readonly attachment: Attachment;
  /** What is reached by its address alone. */
  readonly shells?: readonly Shell[];
};

/** A jump host that listens on 127.0.0.1; `hostKey` is its `ssh-ed25519 AAAA…` line. */
export type RunningJump = AsyncDisposable & { readonly port: number; readonly hostKey: string };

/** Starts the jump host; resolves when it listens. */
export async function startJump(world: World, options: JumpOptions): Promise<RunningJump> {
  const { privateKey, publicKey } = generateHostKey();
  const ssh = new ssh2.Server({ algorithms, hostKeys: [privateKey] }, (connection) => {
    connection.on("error", () => undefined);
    connection.on("authentication", (context) =>
      authenticate(context, context.username === jumpUser ? [options.authorizedKey] : []),
    );
    connection.on("tcpip", (accept, reject, { destIP, destPort }) => {
      void open(world, options, { accept, reject, to: destIP, port: destPort }).catch(reject);
    });
  });
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket.on("close", () => sockets.delete(socket)));
    ssh.injectSocket(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: portOf(server), hostKey: publicKey, [Symbol.asyncDispose]: () => stop(server, sockets) };
}

type Request = {
  readonly accept: AcceptConnection<ServerChannel>;
  readonly reject: RejectConnection;
  readonly to: string;
  readonly port: number;
};

/** Connects, refuses, or stays silent like a network without an answer; the client then gives up by itself. */
async function open(
  world: World,
  { attachment, authorizedKey, shells = [] }: JumpOptions,
  { accept, reject, to, port }: Request,
): Promise<void> {
  await delay(world.latency, undefined, { ref: false });
  const shell = shells.find((one) => one.host === to && one.port === port);
  if (shell !== undefined) {
    // One that answers nothing lets whoever asks wait.
    if (shell.isAlive()) serveShell(world, { ...shell, authorizedKey }, channelOf(accept));
    return;
  }
  const verdict = reach(world, attachment, { protocol: "tcp", to, port });
  if (verdict.result === "refused" || verdict.result === "prohibited") return reject();
  if (verdict.result === "delivered" && verdict.machine !== undefined)
    serveGuest(world, verdict.machine, channelOf(accept));
}

function channelOf(accept: AcceptConnection<ServerChannel>): ServerChannel {
  const channel = accept();
  channel.on("error", () => undefined);
  return channel;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string")
    throw new TypeError("the jump host does not listen on TCP");
  return address.port;
}

async function stop(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = once(server, "close");
  server.close();
  for (const socket of sockets) socket.destroy();
  await closed;
}
