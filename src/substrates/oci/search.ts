// The search service, which the plugin's function asks for one page only: the vendor's client, read to the last page.
import { once } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import { Agent, request } from "node:https";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import type { HttpRequest } from "oci-common";
import { z } from "zod";
import { Unreadable } from "../../check/unreadable.ts";
import { unreadable } from "../../probes/transports/tls.ts";
import type { OciConfig } from "./config.ts";
import { reasonOf } from "./errors.ts";

type Asker = Pick<
  OciConfig,
  "tenancy" | "caller" | "fingerprint" | "privateKey" | "profile" | "region" | "search"
>;

/** A freeform tag with that value, or with any. */
type Tag = { readonly key: string; readonly value: string | undefined };

/** How many a page may have; a page may have fewer. */
const pageSize = 1000;
/** More pages than any run has things. */
const mostPages = 100;
/** How often a throttled request is sent in all. */
const tries = 4;

/** A thing that was found, and the compartment that it is in. */
export type Hit = { readonly id: string; readonly compartment: string };

/** Everything in the tenancy's region that carries a tag and is not gone, sorted by id. Throws `Unreadable`. */
export async function searchTag(asker: Asker, tag: Tag, signal: AbortSignal): Promise<readonly Hit[]> {
  const [common, { ResourceSearchClient }] = await loadClient();
  const transport = openTransport(asker, common, signal);
  const client = new ResourceSearchClient({ httpClient: transport });
  if (asker.search === undefined) client.regionId = asker.region;
  else client.endpoint = asker.search.endpoint.replace(/\/$/, "");
  const searchDetails = { type: "Structured", query: queryOf(tag) };
  try {
    return await allPages(async (page) => {
      const asked = { searchDetails, limit: pageSize, ...(page !== undefined && { page }) };
      const answer: unknown = await client.searchResources(asked).catch(asUnparsable);
      transport.throwFailure();
      return answer;
    });
  } finally {
    client.close();
    transport.agent.destroy();
  }
}

/** The client throws what its parser throws at an answer that is no JSON. */
function asUnparsable(cause: unknown): never {
  throw cause instanceof SyntaxError ? new Unreadable("unparsable", "a page of resources", { cause }) : cause;
}

/** OCI documentation, "Search Language Syntax": text in single quotes. Keys and values are ours and hold none. */
function queryOf({ key, value }: Tag): string {
  const valued = value === undefined ? "" : ` && freeformTags.value = '${value}'`;
  return `query all resources where (freeformTags.key = '${key}'${valued})`;
}

const answered = z.object({
  resourceSummaryCollection: z.object({
    items: z.array(
      z.object({ identifier: z.string(), compartmentId: z.string(), lifecycleState: z.string().optional() }),
    ),
  }),
  opcNextPage: z.string().nullish(),
});

/** A page that is missing makes the whole answer worthless. */
async function allPages(ask: (page: string | undefined) => Promise<unknown>): Promise<readonly Hit[]> {
  const found: Hit[] = [];
  let page: string | undefined;
  for (let read = 0; read < mostPages; read += 1) {
    const parsed = answered.safeParse(await ask(page));
    if (!parsed.success) throw new Unreadable("unparsable", "a page of resources", { cause: parsed.error });
    const { resourceSummaryCollection, opcNextPage } = parsed.data;
    const alive = resourceSummaryCollection.items.filter(
      ({ lifecycleState = "" }) => !isGone(lifecycleState),
    );
    found.push(...alive.map(({ identifier: id, compartmentId: compartment }) => ({ id, compartment })));
    if (!opcNextPage) return found.toSorted((one, other) => (one.id < other.id ? -1 : 1));
    page = opcNextPage;
  }
  throw new Unreadable("truncated", "pages of resources without an end");
}

function isGone(state: string): boolean {
  return ["TERMINATED", "DETACHED", "DELETED"].includes(state.toUpperCase());
}

/**
 * Loads the vendor's client, for those who look alone. It keeps a processor busy for 200 ms, of a slow machine for
 * seconds: not while logins wait, but while the engine starts.
 */
export async function loadClient() {
  const [{ default: common }, client] = await Promise.all([
    import("oci-common"),
    import("oci-resourcesearch"),
  ]);
  return [common, client] as const;
}

/** What the vendor's client sends by. */
type Transport = {
  readonly agent: Agent;
  readonly send: (asked: HttpRequest) => Promise<Response>;
  /** Throws what sending failed with. The client itself would write it to the console and make another error of it. */
  readonly throwFailure: () => void;
};

type Common = Awaited<ReturnType<typeof loadClient>>[0];

function openTransport(asker: Asker, common: Common, signal: AbortSignal): Transport {
  const signer = signerFor(asker, common);
  const { authority } = asker.search ?? {};
  // Whatever NODE_TLS_REJECT_UNAUTHORIZED says: a signature goes over this.
  const trust = { rejectUnauthorized: true, ...(authority !== undefined && { ca: authority }) };
  const agent = new Agent({ keepAlive: true, ...trust });
  let failure: unknown;
  return {
    agent,
    send: async (asked) => {
      try {
        return new Response(...(await sendPatiently(asked, { signer, agent, signal })));
      } catch (error) {
        failure = error;
        return new Response("{}");
      }
    },
    throwFailure: () => {
      if (failure !== undefined) throw failure;
    },
  };
}

function signerFor({ tenancy, caller, fingerprint, privateKey, profile }: Asker, common: Common) {
  try {
    const ownKey = caller !== undefined && fingerprint !== undefined && privateKey !== undefined;
    const credentials = ownKey
      ? new common.SimpleAuthenticationDetailsProvider(
          tenancy.id,
          caller,
          fingerprint,
          privateKey.reveal(),
          null,
        )
      : new common.ConfigFileAuthenticationDetailsProvider(undefined, profile);
    return new common.DefaultRequestSigner(credentials);
  } catch (cause) {
    throw new Unreadable("unauthorized", "no API key that can be read", { cause });
  }
}

type Sending = {
  readonly signer: { readonly signHttpRequest: (asked: HttpRequest) => Promise<void> };
  readonly agent: Agent;
  readonly signal: AbortSignal;
};

type Received = readonly [body: string, init: { readonly headers: Record<string, string> }];

/** Asks again while requests are limited, as late as it is told to. Throws `Unreadable`. */
async function sendPatiently(asked: HttpRequest, sending: Sending): Promise<Received> {
  for (let left = tries - 1; ; left -= 1) {
    const { status, headers, body } = await sendOnce(asked, sending);
    if (status === 200) return [body, { headers }];
    if (status !== 429 || left === 0) throw new Unreadable(reasonOf(status), `HTTP ${status} ${body}`);
    const wait = Number(headers["retry-after"] ?? 0.3 * 2 ** (tries - 1 - left)) * 1_000;
    await pause(wait, undefined, { signal: sending.signal }).catch(() => sending.signal.throwIfAborted());
  }
}

async function sendOnce(asked: HttpRequest, { signer, agent, signal }: Sending) {
  // A signature is good for its own date alone.
  asked.headers.delete("x-date");
  await signer.signHttpRequest(asked);
  try {
    const headers = Object.fromEntries(asked.headers);
    const outgoing = request(asked.uri, { method: asked.method, headers, agent, signal });
    outgoing.end(asked.body);
    const [incoming] = await once(outgoing, "response");
    const body = await text(incoming);
    return { status: Number(incoming.statusCode), headers: headersOf(incoming.headers), body };
  } catch (error) {
    throw unreadable(error instanceof Error ? error : new Error(String(error)), signal);
  }
}

function headersOf(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value ?? ""].flat().join(", ")]),
  );
}
