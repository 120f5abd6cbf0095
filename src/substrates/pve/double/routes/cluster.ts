// Routes about the cluster as a whole: who may what, what there is, pools.
import { z } from "zod";
import { broken, invalid, Refusal } from "../refusal.ts";
import { route, whole } from "../route.ts";
import type { Cluster, Token } from "../state.ts";
import { clusterStatus, nodeRows, resources, version } from "../status.ts";
import { may, permissions } from "../tokens.ts";

const nothing = z.strictObject({});

export const clusterRoutes = [
  route("GET /version", { model: nothing, run: () => version }),
  route("GET /nodes", { model: nothing, run: (_, { cluster }) => nodeRows(cluster) }),
  route("GET /access/permissions", {
    model: z.strictObject({ userid: z.string().optional(), path: z.string().startsWith("/").optional() }),
    run: ({ userid, path }, { cluster, token }) => permissions(askedAbout(cluster, token, userid), path),
  }),
  route("GET /cluster/status", {
    model: nothing,
    needs: ["Sys.Audit", () => "/"],
    run: (_, { cluster }) => clusterStatus(cluster),
  }),
  route("GET /cluster/resources", {
    model: z.strictObject({ type: z.enum(["vm", "node"]) }),
    run: ({ type }, { cluster, token }) => resources(cluster, token, type),
  }),
  route("GET /cluster/nextid", {
    model: z.strictObject({ vmid: whole.optional() }),
    run: ({ vmid }, { cluster }) => String(nextId(cluster, vmid)),
  }),
  route("GET /pools", {
    model: z.strictObject({ poolid: z.string().optional() }),
    run: ({ poolid }, { cluster, token }) => pools(cluster, token, poolid),
  }),
];

function askedAbout(cluster: Cluster, token: Token, id: string | undefined): Token {
  if (id === undefined || id === token.id) return token;
  if (!may(token, "/access", "Sys.Audit"))
    throw new Refusal(403, "Permission check failed (/access, Sys.Audit)");
  const other = cluster.tokens.get(id);
  if (other === undefined) throw broken(`user '${id}' does not exist`);
  return other;
}

/** The first free number, or a refusal of the one that was asked about. */
function nextId(cluster: Cluster, wanted: number | undefined): number {
  if (wanted !== undefined) {
    if (cluster.vms.has(wanted)) throw invalid({ vmid: `VM ${wanted} already exists` });
    return wanted;
  }
  for (let id = 100; ; id += 1) if (!cluster.vms.has(id)) return id;
}

/** Nobody's VMs are in the pools that were here before us. */
function pools(cluster: Cluster, token: Token, id: string | undefined): unknown[] {
  const visible = [...cluster.pools].filter(([poolid]) => may(token, `/pool/${poolid}`, "Pool.Audit"));
  if (id === undefined) return visible.map(([poolid, { comment }]) => ({ poolid, comment }));
  const pool = visible.find(([poolid]) => poolid === id);
  if (pool === undefined) throw broken(`pool '${id}' does not exist`);
  return [{ poolid: id, ...pool[1], members: [] }];
}
