// The API on the wire: HTTPS on loopback with the lab's own certificates, and the faults that break connections.
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import type { ServerCertificate } from "../../farend/authority.ts";
import { type FarEnd, listen } from "../../farend/listen.ts";
import { type ApiResponse, handle } from "./handler.ts";
import { dawdle, refusalOf, spoil } from "./misbehaviour.ts";
import type { Cluster } from "./state.ts";
import { requestOf } from "./wire.ts";

/** Listens on 127.0.0.1; resolves when it does. */
export async function serve(cluster: Cluster, certificate: ServerCertificate): Promise<FarEnd> {
  return listen(certificate, {
    isDown: () => cluster.world.isBroken("pve/down"),
    answer: (request, response) => {
      answer(cluster, request, response).catch((error: unknown) => send(response, broke(error)));
    },
  });
}

async function answer(cluster: Cluster, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = "", url = "", headers } = request;
  const form = await text(request);
  await travel(cluster);
  if (cluster.world.isBroken("pve/down")) return void request.socket.destroy();
  await dawdle(cluster, url, closedOf(response));
  const asked = requestOf({ method, url, form, authorization: headers.authorization });
  const answered = refusalOf(cluster, url) ?? handle(cluster, asked);
  await travel(cluster);
  if (cluster.world.isBroken("pve/down")) return void request.socket.destroy();
  if (!spoil(cluster, response, JSON.stringify(answered.body))) send(response, answered);
}

/** Aborted when the connection is gone. */
function closedOf(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once("close", () => controller.abort());
  return controller.signal;
}

/** One way of a round trip. */
async function travel({ world }: Cluster): Promise<void> {
  if (world.latency > 0) await delay(world.latency / 2);
}

/** A status line takes no line breaks and only Latin-1. */
function send(response: ServerResponse, { status, reason, body }: ApiResponse): void {
  if (response.headersSent) return;
  response.writeHead(status, reason.replaceAll(/[^\x20-\x7e]+/g, " "), {
    "Content-Type": "application/json;charset=UTF-8",
  });
  response.end(JSON.stringify(body));
}

/** A mistake of the double's own must not look like anything that PVE says. */
function broke(error: unknown): ApiResponse {
  return { status: 500, reason: `the lab's double broke: ${error}`, body: { data: null } };
}
