// The API without its transport: a request in, a status with a JSON body out.
import { Refusal } from "./refusal.ts";
import { relower } from "./relower.ts";
import type { Route } from "./route.ts";
import { routes } from "./routes.ts";
import type { Cluster, Token } from "./state.ts";
import { isUnreachable } from "./status.ts";
import { authenticate } from "./tokens.ts";

/** A request as the wire brought it. */
export type ApiRequest = {
  readonly method: string;
  /** Below `/api2/json`, still percent-encoded: `/nodes/pve1/qemu/100/config`. */
  readonly path: string;
  /** Of query and body together. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly authorization: string | undefined;
};

/** An answer; PVE gives the reason of a refusal in the status line. */
export type ApiResponse = { readonly status: number; readonly reason: string; readonly body: unknown };

/** Who brings drifts about: no fault keeps it out, and what it changes is no effect of ours. */
export const outsider = "root@pam!outsider";

/** Answers one request from the cluster's state. */
export function handle(cluster: Cluster, request: ApiRequest): ApiResponse {
  try {
    const token = authenticate(cluster, request.authorization);
    if (token.id !== outsider) refuseUnreachable(cluster, request.path);
    return { status: 200, reason: "OK", body: answer(cluster, asGranted(cluster, token), request) };
  } catch (error) {
    if (error instanceof Refusal) return refused(error);
    throw error;
  }
}

/** The token as the faults `pve/unauthorized` and `pve/powerless` leave it. */
function asGranted({ world }: Cluster, token: Token): Token {
  if (token.id === outsider) return token;
  if (world.isBroken("pve/unauthorized")) throw new Refusal(401, "authentication failure");
  return world.isBroken("pve/powerless") ? { ...token, acl: new Map() } : token;
}

function answer(cluster: Cluster, token: Token, request: ApiRequest): unknown {
  const { route, inPath } = find(request);
  const body = route.answer({ cluster, token }, { ...request.parameters, ...inPath });
  if (route.writes) recordEffect(cluster, token, request);
  if (request.method !== "GET") relower(cluster);
  return body;
}

/** The node that was asked passes requests about another one on to it, and says 595 where it gets no connection. */
function refuseUnreachable(cluster: Cluster, path: string): void {
  const [, node = ""] = /^\/nodes\/([^/]+)/.exec(path) ?? [];
  const isAsked = [...cluster.nodes.keys()][0] === node;
  if (!isAsked && isUnreachable(cluster, node)) throw new Refusal(595, "Connection refused");
}

function find({ method, path }: ApiRequest): { route: Route; inPath: Record<string, string> } {
  for (const route of routes) {
    const inPath = route.method === method ? route.match(path) : undefined;
    if (inPath !== undefined) return { route, inPath };
  }
  throw new Refusal(501, `Method '${method} ${path}' not implemented`);
}

function recordEffect(cluster: Cluster, token: Token, { method, path }: ApiRequest): void {
  if (token.id !== outsider) cluster.world.effects.push({ principal: token.id, action: `${method} ${path}` });
}

function refused({ status, message, errors }: Refusal): ApiResponse {
  return {
    status,
    reason: message,
    body: { data: null, message: `${message}\n`, ...(errors && { errors }) },
  };
}
