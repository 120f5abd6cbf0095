// Speaks with the Proxmox VE API over TLS with a pinned certificate; every answer is parsed, every error has a reason.
import type { IncomingMessage } from "node:http";
import type { Agent } from "node:https";
import { z } from "zod";
import { type Reason, Unreadable } from "../../check/unreadable.ts";
import { unreadable } from "../../probes/transports/tls.ts";
import type { PveConfig } from "./config.ts";

/** More than the largest list of a big cluster. */
const bodyLimit = 16 * 1024 * 1024;

/** An answer that is an error in PVE's own words; the words are for recognising, never for evidence. */
export class PveError extends Unreadable {
  readonly status: number;
  readonly words: string;

  constructor(status: number, words: string) {
    super(reasonOf(status), `HTTP ${status} ${words}`);
    this.status = status;
    this.words = words;
  }
}

/** The API of one cluster. */
export type Api = AsyncDisposable & {
  /** GET `/api2/json<path>` and the parsed `data`. Throws `Unreadable`. */
  readonly get: <M extends z.ZodType>(path: string, model: M, signal: AbortSignal) => Promise<z.infer<M>>;
  /** GET, with all of the body parsed: PVE tells some things beside `data`. Throws `Unreadable`. */
  readonly whole: <M extends z.ZodType>(path: string, model: M, signal: AbortSignal) => Promise<z.infer<M>>;
  /** POST, only for what changes nothing: guest-agent commands. */
  readonly ask: <M extends z.ZodType>(
    path: string | Question,
    model: M,
    signal: AbortSignal,
  ) => Promise<z.infer<M>>;
  /** A request that changes something, only for repairs; `data` as it comes. Throws `Unreadable`. */
  readonly change: (
    request: `${"PUT" | "POST" | "DELETE"} ${string}`,
    signal: AbortSignal,
    parameters?: Readonly<Record<string, unknown>>,
  ) => Promise<unknown>;
};

/** A request with parameters; as JSON, which is how PVE takes lists. */
type Question = { readonly path: string; readonly parameters: Readonly<Record<string, unknown>> };

type Access = Pick<PveConfig, "endpoint" | "token" | "ca" | "fingerprint">;

/** Opens the API of the config's endpoint; at most eight connections at a time. */
export function openApi(config: Access): Api {
  let agent: Agent | undefined;
  const call = (target: Call): Promise<string> => {
    agent ??= agentFor(config);
    const url = new URL(`/api2/json${target.path}`, config.endpoint);
    const headers = { Authorization: `PVEAPIToken=${config.token.reveal()}` };
    return send(url, { agent, headers, ...target });
  };
  return {
    get: async (path, model, signal) => parse(dataOf(await call({ method: "GET", path, signal })), model),
    whole: async (path, model, signal) => parse(jsonOf(await call({ method: "GET", path, signal })), model),
    ask: async (question, model, signal) => {
      const asked = typeof question === "string" ? { path: question } : question;
      return parse(dataOf(await call({ method: "POST", ...asked, signal })), model);
    },
    change: async (request, signal, parameters) => {
      const [method = "", path = ""] = request.split(" ");
      return dataOf(await call({ method, path, signal, ...(parameters && { parameters }) }));
    },
    async [Symbol.asyncDispose]() {
      agent?.destroy();
    },
  };
}

/** Who plans only never asks: what speaks TLS takes long to load. */
function agentFor({ ca, fingerprint }: Access): Agent {
  const { Agent } = process.getBuiltinModule("node:https");
  const { checkServerIdentity } = process.getBuiltinModule("node:tls");
  return new Agent({
    keepAlive: true,
    maxSockets: 8,
    // Whatever NODE_TLS_REJECT_UNAUTHORIZED says: a token goes over this.
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca }),
    checkServerIdentity: (host, certificate) =>
      certificate.fingerprint256 === fingerprint
        ? checkServerIdentity(host, certificate)
        : new Unreadable("untrusted", "the certificate is not the pinned one"),
  });
}

type Call = {
  readonly method: string;
  readonly path: string;
  readonly signal: AbortSignal;
  readonly parameters?: Readonly<Record<string, unknown>>;
};

type Sending = Call & { readonly agent: Agent; readonly headers: Readonly<Record<string, string>> };

/** The body of a success. A kept connection may close under a request; then it is sent again on another. */
function send(url: URL, sending: Sending): Promise<string> {
  const { request } = process.getBuiltinModule("node:https");
  const { method, agent, signal, parameters } = sending;
  const type = parameters === undefined ? {} : { "Content-Type": "application/json" };
  const headers = { ...sending.headers, ...type };
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, agent, headers, signal }, (response) =>
      receive(response, signal).then(resolve, reject),
    );
    outgoing.on("error", (error: NodeJS.ErrnoException) => {
      if (outgoing.reusedSocket && error.code === "ECONNRESET") resolve(send(url, sending));
      else reject(unreadable(error, signal));
    });
    outgoing.end(parameters === undefined ? undefined : JSON.stringify(parameters));
  });
}

async function receive(response: IncomingMessage, signal: AbortSignal): Promise<string> {
  const body = await bodyOf(response).catch((error: Error) => {
    if (signal.aborted || error instanceof Unreadable) throw unreadable(error, signal);
    throw new Unreadable("truncated", error.message, { cause: error });
  });
  const status = response.statusCode ?? 0;
  if (status === 200) return body;
  throw new PveError(status, `${response.statusMessage ?? ""} ${body}`);
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > bodyLimit) throw new Unreadable("unparsable", "an endless answer");
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parse<M extends z.ZodType>(read: unknown, model: M): z.infer<M> {
  const parsed = model.safeParse(read);
  if (parsed.success) return parsed.data;
  throw new Unreadable("unparsable", z.prettifyError(parsed.error));
}

function dataOf(body: string): unknown {
  return parse(jsonOf(body), z.object({ data: z.unknown() })).data;
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new Unreadable("unparsable", "the body is not JSON", { cause });
  }
}

/** PVE's 59x are its proxy's own: 595 connect, 596 TLS or header, 597 body, 599 other (AnyEvent::HTTP). */
function reasonOf(status: number): Reason {
  if (status === 401) return "unauthorized";
  if (status === 403) return "forbidden";
  if (status === 429) return "throttled";
  if (status >= 595) return "unreachable";
  return status >= 500 ? "server-error" : "unparsable";
}
