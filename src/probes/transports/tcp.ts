// A TCP connection with a deadline.
import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { explain, orAborted } from "./failure.ts";
import type { Wire } from "./wire.ts";

/** Connects. The socket is destroyed where that fails or the signal is aborted first. Throws `Unreadable`. */
export async function connect(host: string, port: number, signal: AbortSignal): Promise<Wire> {
  const socket = createConnection({ host, port, noDelay: true });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // Stays for the socket's life: an error after this function is told by the close that follows.
  socket.on("error", (error) => reject(explain(error, `TCP ${host}:${port}`)));
  socket.once("connect", resolve);
  const wire = { stream: socket, isOpen: () => !socket.destroyed, hangUp: () => hangUp(socket) };
  try {
    await orAborted(promise, signal, `TCP ${host}:${port}`);
    return wire;
  } catch (error) {
    await wire.hangUp();
    throw error;
  }
}

async function hangUp(socket: Socket): Promise<void> {
  if (socket.closed) return;
  const closed = once(socket, "close");
  socket.destroy();
  await closed;
}
