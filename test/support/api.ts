// An HTTPS server with a certificate of its own authority, that answers as a test says.
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { Duplex } from "node:stream";
import { Secret } from "../../src/environment/secret.ts";
import { newAuthority } from "../../src/substrates/farend/authority.ts";

/** Made once: keys take their time. */
const authority = newAuthority("authority of a test");
const certificate = authority.then((made) => made.issue("pve1"));

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A running server, and what a PVE config says of it. */
export async function serveApi(answer: Answer) {
  const { certificate: cert, key } = await certificate;
  const sockets = new Set<Duplex>();
  const server = createServer({ cert, key }, answer);
  server.on("secureConnection", (socket) => sockets.add(socket.on("error", () => undefined)));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("no port");
  return {
    config: {
      endpoint: `https://127.0.0.1:${address.port}/`,
      token: new Secret("certifier@pve!lab=0123"),
      ca: (await authority).certificate,
      fingerprint: new X509Certificate(cert).fingerprint256,
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
