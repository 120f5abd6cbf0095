// The resource manager's own API, as far as the plugin has no functions for it: paged lists, and what takes its time.

import { ArmError } from "./errors.ts";
import type { Api } from "./gateway.ts";
import { routes } from "./routes.ts";
import type { Subscription } from "./state.ts";

/** A request as the wire brought it. */
export type ArmRequest = {
  readonly method: string;
  readonly url: URL;
  /** Without `Bearer `. */
  readonly token: string;
};

/** An answer. */
export type ArmReply = {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

/** As many as a page of the lab's lists has: few, so that there are several. */
const pageSize = 4;

/** The resource manager of the lab. */
export class ResourceManager {
  readonly #subscription: Subscription;
  readonly #callers: ReadonlyMap<string, Api>;
  /** What has been worked out and was not fetched yet, by number. */
  readonly #results = new Map<string, unknown>();

  constructor(subscription: Subscription, callers: readonly Api[]) {
    this.#subscription = subscription;
    this.#callers = new Map(callers.map((api) => [api.identity.token, api]));
  }

  /** Answers one request from the subscription's state. */
  async answer(request: ArmRequest, signal: AbortSignal): Promise<ArmReply> {
    try {
      const api = this.#callers.get(request.token);
      if (api === undefined)
        throw new ArmError(401, "InvalidAuthenticationToken", "The access token is invalid.");
      return await this.#ask(api, request, signal);
    } catch (error) {
      if (error instanceof ArmError) return refused(error);
      throw error;
    }
  }

  async #ask(api: Api, { method, url }: ArmRequest, signal: AbortSignal): Promise<ArmReply> {
    const path = decodeURIComponent(url.pathname);
    const number = /\/operationResults\/(\d+)$/.exec(path)?.[1];
    if (method === "GET" && number !== undefined) return this.#result(number);
    if (!/^20\d\d-\d\d-\d\d$/.test(url.searchParams.get("api-version") ?? ""))
      throw new ArmError(400, "MissingApiVersionParameter", "The api-version query parameter is required.");
    for (const route of routes) {
      const found = route.method === method ? route.pattern.exec(path) : null;
      if (found === null) continue;
      const names = Object.fromEntries(
        Object.entries(found.groups ?? {}).map(([name, text]) => [name, text]),
      );
      if (names.subscription !== undefined && names.subscription !== this.#subscription.id)
        throw new ArmError(
          404,
          "SubscriptionNotFound",
          `The subscription '${names.subscription}' could not be found.`,
        );
      await api.read(route.operation, signal);
      const filter = url.searchParams.get("$filter") ?? "";
      const told = route.answer(this.#subscription, { names, filter });
      if (route.kind === "one") return { status: 200, body: told };
      return route.kind === "list" ? this.#page(told, url) : this.#later(told, url);
    }
    throw new ArmError(404, "InvalidResourceType", `The path '${path}' is not known in the lab.`);
  }

  /** Some of a list, and where the rest of it is. */
  #page(told: unknown, url: URL): ArmReply {
    const all = Array.isArray(told) ? told : [];
    const from = Number(url.searchParams.get("$skiptoken") ?? 0);
    if (from > 0 && this.#subscription.world.isBroken("azure/pages"))
      throw new ArmError(500, "InternalServerError", "The page could not be read.");
    const value = all.slice(from, from + pageSize);
    const next = new URL(url);
    next.searchParams.set("$skiptoken", String(from + pageSize));
    return { status: 200, body: from + pageSize < all.length ? { value, nextLink: next.href } : { value } };
  }

  /** Accepted: the answer is at another place when it has been worked out. */
  #later(told: unknown, url: URL): ArmReply {
    const number = String(this.#results.size + 1);
    this.#results.set(number, told);
    const { id, location } = this.#subscription;
    const place = `/subscriptions/${id}/providers/Microsoft.Network/locations/${location}/operationResults/${number}`;
    return { status: 202, body: null, headers: { Location: new URL(place, url).href, "Retry-After": "0" } };
  }

  #result(number: string): ArmReply {
    if (!this.#results.has(number)) throw new ArmError(404, "NotFound", "There is no such operation.");
    return { status: 200, body: this.#results.get(number) };
  }
}

function refused({ status, code, text }: ArmError): ArmReply {
  const headers = status === 429 ? { "Retry-After": "1" } : {};
  return { status, body: { error: { code, message: text } }, headers };
}
