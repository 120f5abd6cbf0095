// Proxmox VE's REST API as the real plugin's client speaks it: form bodies, tasks, and what counts as gone.
import { readFileSync } from "node:fs";
import { request as httpsRequest } from "node:https";
import { setTimeout as pause } from "node:timers/promises";
import { createSecureContext, rootCertificates } from "node:tls";
import { z } from "zod";

/** One request as it goes over the wire; the path includes `/api2/json/` and the query. */
type WireRequest = { readonly method: string; readonly path: string; readonly body?: string };

/** What came back; the reason is the text of the status line, where PVE explains an error. */
export type WireResponse = { readonly status: number; readonly reason: string; readonly body: string };

/** Carries requests to one API. */
export type Transport = (request: WireRequest, signal: AbortSignal) => Promise<WireResponse>;

/** Form fields or query parameters; those without a value are not sent. */
export type Fields = Readonly<Record<string, string | number | undefined>>;

/** How a client finds and trusts its API. */
export type Endpoint = { readonly endpoint: string; readonly apiToken: string; readonly insecure: boolean };

/** An answer that is no success. */
export class PveError extends Error {
  readonly status: number;
  /** Whether it says that the thing asked for does not exist. */
  readonly gone: boolean;

  constructor({ status, reason }: WireResponse) {
    super(`received an HTTP ${status} response - Reason: ${reason}`);
    this.status = status;
    this.gone =
      status === 404 ||
      (status === 500 && /does not exist|no such resource|no such file or directory/i.test(reason));
  }
}

const envelope = z.object({ data: z.unknown(), message: z.string().optional() });
const taskStatus = z.object({ status: z.string(), exitstatus: z.string().optional() });
const upid = z.string().regex(/^UPID:[^:]+:[0-9A-F]+:[0-9A-F]+:[0-9A-F]+:[^:]+:[^:]*:[^:]+:/i, "a task id");

const firstPause = 20;
const longestPause = 1_000;

/** A client of one API. All methods throw {@link PveError} for an answer that is no success. */
export class Rest {
  readonly #transport: Transport;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Reads and parses `data`. */
  async get<M extends z.ZodType>(path: string, model: M, options: ReadOptions): Promise<z.output<M>> {
    return model.parse(await this.send("GET", withQuery(path, options.query), options));
  }

  /** Reads, or gives nothing where the thing does not exist. */
  async find<M extends z.ZodType>(
    path: string,
    model: M,
    options: ReadOptions,
  ): Promise<z.output<M> | undefined> {
    try {
      return await this.get(path, model, options);
    } catch (error) {
      if (error instanceof PveError && error.gone) return undefined;
      throw error;
    }
  }

  /** Sends one request and gives `data` back, whatever it is. */
  async send(method: string, path: string, options: WriteOptions): Promise<unknown> {
    const response = await this.#transport(
      {
        method,
        path: `/api2/json/${path}`,
        ...(options.fields === undefined ? {} : { body: formOf(options.fields) }),
      },
      options.signal,
    );
    const parsed = envelope.safeParse(parseJson(response.body));
    const reason = [response.reason, parsed.data?.message?.trim()].filter(Boolean).join(" ");
    if (response.status < 200 || response.status > 299) throw new PveError({ ...response, reason });
    if (!parsed.success)
      throw new Error(`${method} ${path}: the server did not include a data object in the response`);
    return parsed.data.data;
  }

  /** Sends a request that answers with a task, and waits until the task has ended well. */
  async run(
    method: string,
    path: string,
    options: WriteOptions & { readonly deadline: number },
  ): Promise<void> {
    await this.finish(await this.send(method, path, options), options);
  }

  /** Waits until a task has ended well. */
  async finish(started: unknown, options: WriteOptions & { readonly deadline: number }): Promise<void> {
    const task = upid.parse(started);
    const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.deadline)]);
    const at = `nodes/${task.split(":")[1]}/tasks/${segment(task)}`;
    const ended = await poll(
      () => this.get(`${at}/status`, taskStatus, { signal }),
      ({ status }) => status !== "running",
      signal,
    );
    if (ended.exitstatus === "OK" || ended.exitstatus?.startsWith("WARNINGS")) return;
    await this.send("GET", `${at}/log`, { signal });
    throw new Error(`task "${task}" failed to complete with exit code: ${ended.exitstatus}`);
  }

  /** Runs one at a time what the plugin runs one at a time over all nodes: network reloads. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work, work);
    this.#turn = turn;
    return turn;
  }
}

type ReadOptions = { readonly signal: AbortSignal; readonly query?: Fields };
type WriteOptions = { readonly signal: AbortSignal; readonly fields?: Fields };

/** Asks until the answer is good enough: at once, then ever more slowly up to once a second. */
export async function poll<T>(
  ask: () => Promise<T>,
  good: (answer: T) => boolean,
  signal: AbortSignal,
): Promise<T> {
  for (let wait = firstPause; ; wait = Math.min(wait * 1.6, longestPause)) {
    const answer = await ask();
    if (good(answer)) return answer;
    await pause(wait, undefined, { signal });
  }
}

/** A path segment escaped as Go does it: `/` and `!` are, `:` and `@` are not. */
export function segment(text: string): string {
  return encodeURIComponent(text)
    .replace(/%(3A|40|24|26|2B|3D)/g, (escaped) => decodeURIComponent(escaped))
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** HTTPS to a real address, trusting Node's authorities and, as Go does, the file in SSL_CERT_FILE. */
export function httpsTransport({ endpoint, apiToken, insecure }: Endpoint): Transport {
  const file = process.env.SSL_CERT_FILE;
  const ca = file ? [...rootCertificates, readFileSync(file, "utf8")] : [...rootCertificates];
  // Made once: reading all authorities takes 25 ms, and every request has a connection of its own.
  const secureContext = createSecureContext({ ca, minVersion: "TLSv1.3" });
  const options = { secureContext, rejectUnauthorized: !insecure, agent: false } as const;
  return ({ method, path, body }, signal) =>
    new Promise((resolve, reject) => {
      const headers = {
        Authorization: `PVEAPIToken=${apiToken}`,
        Accept: "application/json",
        ...(body === undefined ? {} : { "Content-Type": "application/x-www-form-urlencoded" }),
      };
      const outgoing = httpsRequest(
        new URL(path, endpoint),
        { ...options, method, headers, signal },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
          incoming.on("error", reject);
          incoming.on("end", () =>
            resolve({
              status: incoming.statusCode ?? 0,
              reason: incoming.statusMessage ?? "",
              body: Buffer.concat(chunks).toString(),
            }),
          );
        },
      );
      outgoing.on("error", reject);
      outgoing.end(body);
    });
}

function withQuery(path: string, query: Fields | undefined): string {
  return query === undefined ? path : `${path}?${formOf(query)}`;
}

function formOf(fields: Fields): string {
  const sent = Object.entries(fields).flatMap(([key, value]): [string, string][] =>
    value === undefined ? [] : [[key, String(value)]],
  );
  return new URLSearchParams(sent).toString();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
