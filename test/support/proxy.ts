// Stands between a look and a far end's API and changes single answers, as no honest double would.
import { request } from "node:https";
import { buffer } from "node:stream/consumers";
import type { PveConfig } from "../../src/substrates/pve/config.ts";
import { serveApi } from "./api.ts";

/** Where an API is, and whose certificates it has. */
export type Origin = { readonly endpoint: string; readonly ca: string | undefined };

/** An answer that the API did not give. */
export type Other = { readonly status: number; readonly reason?: string; readonly body: string };

/** Passes on everything as it is, but for what `instead` answers; it is asked for each request by method and path. */
export async function interpose({ endpoint, ca }: Origin, instead: (call: string) => Other | undefined) {
  return serveApi((incoming, response) => {
    const { method = "GET", url = "", headers } = incoming;
    const other = instead(`${method} ${url}`);
    if (other !== undefined)
      return void response.writeHead(other.status, other.reason ?? "no").end(other.body);
    const target = new URL(url, endpoint);
    const outgoing = request(target, { method, headers, ...(ca === undefined ? {} : { ca }) });
    outgoing.on("response", (answer) => {
      const { statusCode = 500, statusMessage, headers: told } = answer;
      buffer(answer).then(
        (body) => response.writeHead(statusCode, statusMessage, told).end(body),
        () => response.destroy(),
      );
    });
    response.on("close", () => outgoing.destroy());
    outgoing.on("error", () => response.destroy());
    incoming.pipe(outgoing);
  });
}

/** What Proxmox VE is to answer instead; none lets the API answer. `data`: only where the API's own answer has that. */
export type Instead =
  | { readonly status: number; readonly reason?: string }
  | { readonly data: unknown }
  | undefined;

/** A config that leads through the proxy; `instead` is asked for each request by method and path. */
export async function meddle({ endpoint, ca, ...config }: PveConfig, instead: (call: string) => Instead) {
  const server = await interpose({ endpoint, ca }, (call) => {
    const changed = instead(call.replace("/api2/json", ""));
    if (changed === undefined) return undefined;
    return "status" in changed
      ? { ...changed, body: '{"data":null}' }
      : { status: 200, body: JSON.stringify({ data: changed.data }) };
  });
  const { token: _, ...place } = server.config;
  return {
    config: { ...config, ...place },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
