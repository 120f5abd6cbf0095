// The search service on the wire: signed requests, pages of a few resources, and the faults that the rest of the API has.
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { z } from "zod";
import type { ServerCertificate } from "../../../farend/authority.ts";
import { type FarEnd, listen } from "../../../farend/listen.ts";
import { ApiError, invalid, notFound } from "../errors.ts";
import type { Api } from "../gateway.ts";
import { find } from "./query.ts";
import { signerOf } from "./signature.ts";

/** Who may ask: the API as he sees it, and the public half of his key. By the key's id. */
export type Callers = ReadonlyMap<string, { readonly api: Api; readonly publicKey: string }>;

/** So few that a run has more than one page; the service never promised to fill them. */
const pageSize = 5;

const asked = z.strictObject({
  type: z.literal("Structured"),
  query: z.string(),
  matchingContextType: z.string().optional(),
});

/** Listens on 127.0.0.1; resolves when it does. */
export function serveSearch(certificate: ServerCertificate, callers: Callers): Promise<FarEnd> {
  const isDown = () => [...callers.values()].some(({ api }) => api.account.world.isBroken("oci/down"));
  return listen(certificate, {
    isDown,
    answer: (request, response) => {
      if (isDown()) return void request.socket.destroy();
      answer(request, callers).then(
        (page) => send(response, 200, page),
        (error: unknown) => refuse(response, error),
      );
    },
  });
}

type Page = { readonly body: unknown; readonly next?: string };

async function answer(request: IncomingMessage, callers: Callers): Promise<Page> {
  const operation = "SearchResources";
  const { method = "", url = "", headers } = request;
  const body = await text(request);
  const signer = signerOf(
    { method, url, headers, body },
    { keyOf: (keyId) => callers.get(keyId)?.publicKey, now: Date.now() },
  );
  const api = callers.get(signer ?? "")?.api;
  if (api === undefined) throw new ApiError(operation, notAuthenticated);
  const { pathname, searchParams } = new URL(url, "https://search.invalid");
  if (method !== "POST" || pathname !== "/20180409/resources") throw notFound(operation);
  await api.read(operation, AbortSignal.timeout(60_000));
  const parsed = asked.safeParse(JSON.parse(body));
  const found = parsed.data && find(api.account, parsed.data.query);
  if (found === undefined) throw invalid(operation, "The query can not be parsed");
  const from = Number(searchParams.get("page") ?? 0);
  const to = from + Math.min(pageSize, Number(searchParams.get("limit") ?? pageSize));
  // A page that fails is another matter than a page that is empty.
  if (from > 0 && api.account.world.isBroken("oci/search/later-pages"))
    throw new ApiError(operation, { status: 500, code: "InternalError", text: "Internal Server Error" });
  return { body: { items: found.slice(from, to) }, ...(to < found.length && { next: `${to}` }) };
}

const notAuthenticated = {
  ...{ status: 401, code: "NotAuthenticated" },
  text: "The required information to complete authentication was not provided or was incorrect.",
};

function refuse(response: ServerResponse, error: unknown): void {
  const {
    status,
    code,
    text: message,
  } = error instanceof ApiError
    ? error.refusal
    : { status: 500, code: "InternalError", text: `the lab's double broke: ${error}` };
  send(response, status, { body: { code, message } });
}

function send(response: ServerResponse, status: number, { body, next }: Page): void {
  response.writeHead(status, {
    "Content-Type": "application/json",
    "opc-request-id": "exampleuniquerequestid",
    ...(status === 429 && { "Retry-After": "1" }),
    ...(next !== undefined && { "opc-next-page": next }),
  });
  response.end(JSON.stringify(body));
}
