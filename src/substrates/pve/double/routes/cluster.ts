// Routes about the cluster as a whole: who may what, and what there is.
import { z } from "zod";
import { demand } from "../needs.ts";
import { broken, invalid } from "../refusal.ts";
import { route, whole } from "../route.ts";
import type { Cluster } from "../state.ts";
import { clusterStatus, nodeRows, resources, version } from "../status.ts";
import { type Caller, permissions } from "../tokens.ts";

const nothing = z.strictObject({});

export const clusterRoutes = [
  route("GET /version", { model: nothing, run: () => version }),
  route("GET /nodes", { model: nothing, run: (_, { cluster }) => nodeRows(cluster) }),
  route("GET /access/permissions", {
    model: z.strictObject({ userid: z.string().optional(), path: z.string().startsWith("/").optional() }),
    run: ({ userid, path }, caller) => permissions(askedAbout(caller, userid), path),
  }),
  route("GET /cluster/status", {
    model: nothing,
    needs: { on: "/", all: ["Sys.Audit"] },
    run: (_, { cluster }) => clusterStatus(cluster),
  }),
  route("GET /cluster/resources", {
    model: z.strictObject({ type: z.enum(["vm", "node"]) }),
    run: ({ type }, caller) => resources(caller, type),
  }),
  route("GET /cluster/nextid", {
    model: z.strictObject({ vmid: whole.optional() }),
    run: ({ vmid }, { cluster }) => String(nextId(cluster, vmid)),
  }),
];

function askedAbout(caller: Caller, id: string | undefined): Caller {
  if (id === undefined || id === caller.token.id) return caller;
  demand(caller, { on: "/access", all: ["Sys.Audit"] });
  const token = caller.cluster.tokens.get(id);
  if (token === undefined) throw broken(`user '${id}' does not exist`);
  return { ...caller, token };
}

/** The first free number, or a refusal of the one that was asked about. */
function nextId(cluster: Cluster, wanted: number | undefined): number {
  if (wanted !== undefined) {
    if (cluster.vms.has(wanted)) throw invalid({ vmid: `VM ${wanted} already exists` });
    return wanted;
  }
  for (let id = 100; ; id += 1) if (!cluster.vms.has(id)) return id;
}
