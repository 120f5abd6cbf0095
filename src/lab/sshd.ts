// The SSH server of a lab guest: its own host key, its users' keys, and commands computed from the world.
import { once } from "node:events";
import type { Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import ssh2, { type AuthContext, type ServerChannel } from "ssh2";
import { answerBatch, isDriver } from "../probes/double.ts";
import { algorithms } from "../probes/transports/algorithms.ts";
import type { Shell } from "../substrates/double.ts";
import { execute } from "../world/commands.ts";
import { isAlive } from "../world/host.ts";
import { generateHostKey } from "../world/hostkey.ts";
import type { Machine } from "../world/machine.ts";
import type { World } from "../world/world.ts";

declare module "ssh2" {
  interface Server {
    /** The types ask for a TCP socket where ssh2's README promises any stream. */
    injectSocket(stream: Duplex): void;
  }
}

/** The keys that guests show while `<substrate>/<label>/hostkey` is broken. */
const foreignKeys = new WeakMap<Machine, string>();

/**
 * Serves one connection to a guest over a stream. It ends when the machine is gone. Faults:
 * `<substrate>/<label>/mute` (takes it and says nothing), `…/banner` (says who it is and nothing more).
 */
export function serveGuest(world: World, machine: Machine, stream: Duplex): void {
  const where = `${machine.substrate}/${machine.label}`;
  if (world.isBroken(`${where}/mute`)) return void stream.resume();
  if (world.isBroken(`${where}/banner`)) return void stream.resume().write("SSH-2.0-OpenSSH_9.6p1\r\n");
  const server = new ssh2.Server({ algorithms, hostKeys: [shownKey(world, machine)] }, (connection) => {
    const forget = world.machines.onGone((gone) => {
      if (gone === machine) connection.end();
    });
    connection.on("close", forget).on("error", () => undefined);
    connection.on("authentication", (context) =>
      authenticate(context, machine.system.users[context.username] ?? []),
    );
    const run = (argv: readonly string[]) => execute(world, machine, argv);
    serveSessions(world, connection, { isAlive: () => isAlive(world, machine), run });
  });
  server.injectSocket(stream);
}

/** Serves one connection to a host's login over a stream. */
export function serveShell(
  world: World,
  shell: Shell & { readonly authorizedKey: string },
  stream: Duplex,
): void {
  const server = new ssh2.Server({ algorithms, hostKeys: [shell.hostKey.privateKey] }, (connection) => {
    connection.on("error", () => undefined);
    connection.on("authentication", (context) =>
      authenticate(context, context.username === shell.user ? [shell.authorizedKey] : []),
    );
    serveSessions(world, connection, shell);
  });
  server.injectSocket(stream);
}

function shownKey(world: World, machine: Machine): string {
  if (!world.isBroken(`${machine.substrate}/${machine.label}/hostkey`))
    return machine.system.hostKey.privateKey;
  const foreign = foreignKeys.get(machine) ?? generateHostKey().privateKey;
  foreignKeys.set(machine, foreign);
  return foreign;
}

/**
 * Accepts a signature by one of the keys and nothing else.
 * @param keys lines `ssh-ed25519 AAAA…`, with or without a comment
 */
export function authenticate(context: AuthContext, keys: readonly string[]): void {
  if (proves(context, keys)) context.accept();
  else context.reject(["publickey"]);
}

function proves(context: AuthContext, keys: readonly string[]): boolean {
  if (context.method !== "publickey") return false;
  const line = `${context.key.algo} ${context.key.data.toString("base64")}`;
  const known = keys.find((key) => key === line || key.startsWith(`${line} `));
  const key = known === undefined ? undefined : ssh2.utils.parseKey(known);
  if (key === undefined || key instanceof Error) return false;
  // Without a signature the client only asks whether the key would do (RFC 4252, 7).
  if (context.signature === undefined || context.blob === undefined) return true;
  return key.verify(context.blob, context.signature, context.hashAlgo);
}

/** What stands behind a login. */
type Behind = Pick<Shell, "isAlive" | "run">;

function serveSessions(world: World, connection: ssh2.Connection, behind: Behind): void {
  connection.on("session", (accept) => {
    accept().on("exec", (agree, _reject, { command }) => {
      const channel = agree();
      channel.on("error", () => undefined);
      void answer(world, behind, { channel, command }).catch(() => channel.close());
    });
  });
}

async function answer(
  world: World,
  { isAlive: alive, run }: Behind,
  { channel, command }: { channel: ServerChannel; command: string },
): Promise<void> {
  const words = command.split(" ").filter((word) => word !== "");
  const stdin = isDriver(command) ? await readAll(channel) : undefined;
  await delay(world.latency, undefined, { ref: false });
  // Whoever is silenced keeps its connections and says nothing more.
  if (!alive()) return;
  const { exit, stdout, stderr } =
    stdin === undefined ? run(words) : { exit: 0, stdout: answerBatch(stdin, run), stderr: "" };
  channel.stderr.write(stderr);
  channel.write(stdout);
  channel.exit(exit);
  channel.end();
}

/** Not `stream/consumers`: reading to the end by iteration would destroy the channel before the answer. */
async function readAll(channel: ServerChannel): Promise<string> {
  const chunks: Buffer[] = [];
  channel.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(channel, "end");
  return Buffer.concat(chunks).toString();
}
