// Far ends that never stop talking: reading them ends by itself, tells nothing of them, and takes little memory.
import type { Writable } from "node:stream";
import type { ServerChannel } from "ssh2";
import { Unreadable } from "../../src/check/unreadable.ts";
import { name } from "../../src/environment/name.ts";
import { Secret } from "../../src/environment/secret.ts";
import type { Probe } from "../../src/probes/transport.ts";
import { openSession } from "../../src/probes/transports/ssh.ts";
import { generateHostKey } from "../../src/world/hostkey.ts";
import { listen, listenSsh, type Running } from "../fixtures/servers.ts";
import type { Hostility } from "./hostilities.ts";

const megabyte = 1_048_576;

/** What reading may take beyond what it gives, far less than any flood, in MiB. */
const mostMemory = 128;

/** Long enough for a gigabyte on a busy machine, in ms. */
const patience = 120_000;

const probe: Probe = { id: "a", argv: ["hostname"], timeout: 60 };

/** How a far end overflows. `cases` is how many MiB it has to say; a line never ends. */
export const floods: readonly Hostility[] = [
  flood("a flood on standard output", (size) => serveCommand((channel) => pour(channel, size))),
  flood("a flood on standard error", (size) =>
    serveCommand(async (channel) => {
      // Types say nothing of it, but a channel's standard error is a stream to write to.
      await pour(channel.stderr, size);
      channel.exit(0);
      channel.end();
    }),
  ),
  flood("a flood before the SSH version", (size) => listen((socket) => void pour(socket, size))),
];

function flood(
  about: string,
  serve: (size: number) => Promise<Running> | ReturnType<typeof serveCommand>,
): Hostility {
  return {
    name: about,
    attempt: async ({ cases }) => {
      await using server = await serve(cases * megabyte);
      const before = process.memoryUsage().rss;
      let most = before;
      const watching = setInterval(() => {
        most = Math.max(most, process.memoryUsage().rss);
      }, 20);
      try {
        await read(server.port);
        return "it was taken for an answer";
      } catch (error) {
        if (!(error instanceof Unreadable)) return `${error}`;
      } finally {
        clearInterval(watching);
      }
      const grown = Math.round((most - before) / megabyte);
      return grown > mostMemory ? `${grown} MiB of memory` : undefined;
    },
  };
}

const key = generateHostKey();

function serveCommand(exec: (channel: ServerChannel) => unknown): Promise<Running> {
  return listenSsh({
    hostKey: generateHostKey().privateKey,
    authorizedKey: key.publicKey,
    exec: (channel) => void exec(channel),
  });
}

async function read(port: number): Promise<void> {
  const endpoint = {
    name: name.parse("leaf1"),
    role: name.parse("leaf"),
    host: "127.0.0.1",
    port,
    user: "lab",
  };
  const signal = AbortSignal.timeout(patience);
  const access = {
    privateKey: new Secret(key.privateKey),
    connectTimeout: 30_000,
    verify: () => true,
    signal,
  };
  await using session = await openSession(endpoint, access);
  await session.run([probe], signal);
}

/** Writes as fast as the other side takes it, and no faster. */
async function pour(
  stream: Pick<Writable, "write" | "once" | "off" | "destroyed">,
  size: number,
): Promise<void> {
  const chunk = Buffer.alloc(65_536, "y");
  for (let said = 0; said < size && !stream.destroyed; said += chunk.length)
    if (!stream.write(chunk)) await drained(stream);
}

function drained(stream: Pick<Writable, "once" | "off">): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = () => {
    for (const event of events) stream.off(event, done);
    resolve();
  };
  const events = ["drain", "close", "error"] as const;
  for (const event of events) stream.once(event, done);
  return promise;
}
