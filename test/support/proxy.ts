// Stands between a look and the lab's API and changes single answers, as no honest double would.
import { request } from "node:https";
import { buffer } from "node:stream/consumers";
import type { PveConfig } from "../../src/substrates/pve/config.ts";
import { serveApi } from "./api.ts";

/** What to answer instead; none lets the API answer. `data`: only where the API's own answer has that. */
export type Instead =
  | { readonly status: number; readonly reason?: string }
  | { readonly data: unknown }
  | undefined;

/** A config that leads through the proxy; `instead` is asked for each request by method and path. */
export async function meddle(config: PveConfig, instead: (call: string) => Instead) {
  const server = await serveApi(async (incoming, response) => {
    const path = incoming.url ?? "";
    const changed = instead(`${incoming.method} ${path.replace("/api2/json", "")}`);
    if (changed !== undefined && "status" in changed)
      return void response.writeHead(changed.status, changed.reason ?? "no").end('{"data":null}');
    if (changed !== undefined) return void response.end(JSON.stringify({ data: changed.data }));
    const { authorization = "" } = incoming.headers;
    const outgoing = request(new URL(path, config.endpoint), {
      method: incoming.method ?? "GET",
      headers: { authorization },
      ...(config.ca === undefined ? {} : { ca: config.ca }),
    });
    outgoing.on("response", async (answer) => {
      const body = await buffer(answer);
      response.writeHead(answer.statusCode ?? 500, answer.statusMessage).end(body);
    });
    outgoing.on("error", () => response.destroy()).end();
  });
  const { endpoint, ca, fingerprint } = server.config;
  return {
    config: { ...config, endpoint, ca, fingerprint },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
