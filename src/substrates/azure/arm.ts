// Speaks with Azure Resource Manager where the provider has no function: every answer parsed, every list read to its end.
import {
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
  type PipelineResponse,
} from "@azure/core-rest-pipeline";
import { z } from "zod";
import { poll } from "../../check/poll.ts";
import { Unreadable } from "../../check/unreadable.ts";
import { unreadable } from "../../probes/transports/tls.ts";
import type { AzureConfig } from "./config.ts";
import { reasonOf } from "./errors.ts";

/** A question: the path below the endpoint, the version of the API, and what else stands in the query. */
export type Question<M> = {
  readonly path: string;
  readonly version: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly model: M;
};

/** More pages than any list of ours has. */
const mostPages = 1_000;

/** What asking is done with. */
type Means = Pick<AzureConfig, "endpoint" | "ca"> & {
  /** A bearer token for the endpoint. Throws `Unreadable`. */
  readonly token: (signal: AbortSignal) => Promise<string>;
};

/** One subscription's resource manager; it asks again by itself while throttled, as long as it is told to wait. */
export class Arm {
  readonly #means: Means;
  readonly #client = createDefaultHttpClient();
  readonly #pipeline: ReturnType<typeof createPipelineFromOptions>;
  #token: Promise<string> | undefined;

  constructor(means: Means) {
    this.#means = means;
    // Whatever NODE_TLS_REJECT_UNAUTHORIZED says: a token goes over this. At most eight connections at a time.
    const tls = { rejectUnauthorized: true, maxSockets: 8, ...(means.ca !== undefined && { ca: means.ca }) };
    this.#pipeline = createPipelineFromOptions({
      tlsOptions: tls,
      retryOptions: { maxRetries: 3, retryDelayInMs: 300, maxRetryDelayInMs: 5_000 },
    });
    // A token must go nowhere else, and nothing that is said into a log.
    for (const name of ["redirectPolicy", "logPolicy"]) this.#pipeline.removePolicy({ name });
  }

  /** Asks for one thing; none where it has been said twice that there is none. Throws `Unreadable`. */
  async find<M extends z.ZodType>(
    question: Question<M>,
    signal: AbortSignal,
  ): Promise<z.infer<M> | undefined> {
    let missed = 0;
    const attempt = async () => {
      const { status, bodyAsText } = await this.#send("GET", this.#urlOf(question), signal);
      if (status === 200) return { found: parse(bodyAsText, question) };
      if (status === 404 && isForbidden(bodyAsText)) throw refused(403, question.path);
      if (status !== 404) throw refused(status, question.path);
      missed += 1;
      return missed < 2 ? undefined : { found: undefined };
    };
    return (await poll(attempt, { first: 500, most: 500 }, signal)).value.found;
  }

  /** Everything that a list holds, whatever number of pages it has. A page that can not be read is no shorter list. Throws `Unreadable`. */
  async list<M extends z.ZodType>(
    question: Question<M>,
    signal: AbortSignal,
  ): Promise<readonly z.infer<M>[]> {
    const page = z.object({ value: z.array(question.model), nextLink: z.string().nullish() });
    const found: z.infer<M>[] = [];
    let url: URL | undefined = this.#urlOf(question);
    for (let pages = 0; url !== undefined; pages += 1) {
      if (pages === mostPages) throw new Unreadable("unparsable", `${question.path}: an endless list`);
      const { status, bodyAsText } = await this.#send("GET", url, signal);
      if (status !== 200) throw refused(status, question.path);
      const { value, nextLink } = parse(bodyAsText, { ...question, model: page });
      found.push(...value);
      url = this.#next(nextLink);
    }
    return found;
  }

  /** Asks for what takes its time to be worked out, and waits for that. Throws `Unreadable`. */
  async compute<M extends z.ZodType>(question: Question<M>, signal: AbortSignal): Promise<z.infer<M>> {
    let answer = await this.#send("POST", this.#urlOf(question), signal);
    const place = this.#next(answer.headers.get("location"));
    const attempt = async () => {
      if (answer.status === 200) return { told: parse(answer.bodyAsText, question) };
      if (answer.status !== 202 || place === undefined) throw refused(answer.status, question.path);
      answer = await this.#send("GET", place, signal);
      return answer.status === 202 ? undefined : { told: parsedOr(answer, question) };
    };
    return (await poll(attempt, { first: 250, most: 5_000 }, signal)).value.told;
  }

  #urlOf({ path, version, query = {} }: Question<unknown>): URL {
    const url = new URL(path, this.#means.endpoint);
    for (const [key, value] of Object.entries({ ...query, "api-version": version }))
      url.searchParams.set(key, value);
    return url;
  }

  /** Where a far end sends us on: only to itself, for the token goes with it. */
  #next(link: string | null | undefined): URL | undefined {
    if (link === undefined || link === null || link === "") return undefined;
    const url = URL.parse(link);
    if (url === null || url.origin !== new URL(this.#means.endpoint).origin)
      throw new Unreadable("unparsable", "a link that leads elsewhere");
    return url;
  }

  async #send(method: "GET" | "POST", url: URL, signal: AbortSignal): Promise<PipelineResponse> {
    this.#token ??= this.#means.token(signal).catch((error: unknown) => {
      this.#token = undefined;
      throw error;
    });
    const headers = createHttpHeaders({
      Authorization: `Bearer ${await this.#token}`,
      Accept: "application/json",
    });
    const request = createPipelineRequest({ url: url.href, method, headers, abortSignal: signal });
    return this.#pipeline.sendRequest(this.#client, request).catch((error: unknown) => {
      throw unreadable(error instanceof Error ? error : new Error(String(error)), signal);
    });
  }
}

/** What may not be seen can be said not to be there. */
function isForbidden(body: string | null | undefined): boolean {
  return /"SubscriptionNotFound"|"AuthorizationFailed"/.test(body ?? "");
}

function parsedOr<M extends z.ZodType>(answer: PipelineResponse, question: Question<M>): z.infer<M> {
  if (answer.status !== 200) throw refused(answer.status, question.path);
  return parse(answer.bodyAsText, question);
}

function refused(status: number, path: string): Unreadable {
  return new Unreadable(reasonOf(status), `HTTP ${status} ${path}`);
}

function parse<M extends z.ZodType>(
  body: string | null | undefined,
  { model, path }: Question<M>,
): z.infer<M> {
  let read: unknown;
  try {
    read = JSON.parse(body ?? "");
  } catch (cause) {
    throw new Unreadable("unparsable", `${path}: no JSON`, { cause });
  }
  const parsed = model.safeParse(read);
  if (parsed.success) return parsed.data;
  throw new Unreadable("unparsable", `${path}: ${z.prettifyError(parsed.error)}`);
}
