// The resource manager on the wire: HTTPS on loopback with a certificate of the lab's authority, and the faults of connections.
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { World } from "../../../world/world.ts";
import type { ServerCertificate } from "../../farend/authority.ts";
import { type FarEnd, listen } from "../../farend/listen.ts";
import type { ArmReply, ResourceManager } from "./arm.ts";

/** Listens on 127.0.0.1; resolves when it does. */
export function serve(
  world: World,
  manager: ResourceManager,
  certificate: ServerCertificate,
): Promise<FarEnd> {
  return listen(certificate, {
    isDown: () => world.isBroken("azure/down"),
    answer: (request, response) => {
      answer({ world, manager }, request, response).catch((error: unknown) => send(response, broke(error)));
    },
  });
}

type Far = { readonly world: World; readonly manager: ResourceManager };

async function answer(
  { world, manager }: Far,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  request.resume();
  if (world.isBroken("azure/down")) return void request.socket.destroy();
  const { method = "", url = "", headers } = request;
  const token = (headers.authorization ?? "").replace(/^Bearer /, "");
  const asked = { method, url: new URL(url, `https://${headers.host}`), token };
  const reply = await manager.answer(asked, closedOf(response));
  // The other half of the round trip is spent where every call to the API passes.
  if (world.latency > 0) await delay(1);
  if (world.isBroken("azure/garbage"))
    return void response
      .writeHead(200, { "Content-Type": "text/html" })
      .end("<html>Welcome to 192.0.2.11</html>");
  send(response, reply);
}

/** Aborted when the connection is gone. */
function closedOf(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once("close", () => controller.abort());
  return controller.signal;
}

function send(response: ServerResponse, { status, body, headers = {} }: ArmReply): void {
  if (response.headersSent) return;
  response.writeHead(status, { ...headers, "Content-Type": "application/json; charset=utf-8" });
  response.end(body === null ? "" : JSON.stringify(body));
}

/** A mistake of the double's own must not look like anything that Azure says. */
function broke(error: unknown): ArmReply {
  return { status: 500, body: { error: { code: "LabBroke", message: String(error) } } };
}
