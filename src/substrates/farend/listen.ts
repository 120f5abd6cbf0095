// An HTTPS server of the lab's on loopback: its port, its open connections, and its end.
import type { RequestListener } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { ServerCertificate } from "./authority.ts";

/** A server that listens on 127.0.0.1. Disposing of it ends all connections. */
export type FarEnd = AsyncDisposable & { readonly port: number };

/** How a server answers. */
type Answering = {
  readonly answer: RequestListener;
  /** Whether new connections are cut at once. */
  readonly isDown: () => boolean;
};

/** Listens on 127.0.0.1; resolves when it does. */
export async function listen(
  { certificate, key }: ServerCertificate,
  { answer, isDown }: Answering,
): Promise<FarEnd> {
  const sockets = new Set<Duplex>();
  const server = createServer({ cert: certificate, key }, answer);
  server.on("connection", (socket) => {
    if (isDown()) return socket.destroy();
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  const { port } = await opened(server);
  return { port, [Symbol.asyncDispose]: () => close(server, sockets) };
}

async function opened(server: Server): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string")
    throw new Error("unreachable: TCP servers have an address");
  return address;
}

async function close(server: Server, sockets: ReadonlySet<Duplex>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const socket of sockets) socket.destroy();
  await closed;
}
