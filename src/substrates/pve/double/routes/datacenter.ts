// Routes about settings of the datacenter and of whole nodes: storages, and the switches of their firewalls.
import { z } from "zod";
import { nodeOf } from "../cluster.ts";
import { bit, flag, names, route } from "../route.ts";
import type { Setting } from "../state.ts";
import { changeStorage } from "../storage.ts";

const node = z.strictObject({ node: z.string() });
const policy = z.enum(["ACCEPT", "DROP", "REJECT"]).optional();

export const datacenterRoutes = [
  route("PUT /storage/{storage}", {
    model: z.strictObject({
      storage: z.string(),
      content: z
        .string()
        .regex(/^[a-z]+(,[a-z]+)*$/)
        .optional(),
      disable: flag.optional(),
    }),
    needs: { on: "/storage", all: ["Datastore.Allocate"] },
    run: ({ storage, ...change }, { cluster }) => changeStorage(cluster, storage, change),
  }),
  route("GET /cluster/firewall/options", {
    model: z.strictObject({}),
    needs: { on: "/", all: ["Sys.Audit"] },
    run: (_, { cluster }) => Object.fromEntries(cluster.datacenter),
  }),
  route("PUT /cluster/firewall/options", {
    model: z.strictObject({
      ...{ enable: bit.optional(), policy_in: policy, policy_out: policy, delete: names.optional() },
    }),
    needs: { on: "/", all: ["Sys.Modify"] },
    run: ({ delete: gone = [], ...wanted }, { cluster }) =>
      changeOptions(cluster.datacenter, { wanted, gone }),
  }),
  route("GET /nodes/{node}/firewall/options", {
    model: node,
    needs: { on: "/nodes/{node}", all: ["Sys.Audit"] },
    run: ({ node }, { cluster }) => Object.fromEntries(nodeOf(cluster, node).firewall),
  }),
];

function changeOptions(
  options: Map<string, Setting>,
  { wanted, gone }: { wanted: Readonly<Record<string, Setting | undefined>>; gone: readonly string[] },
): void {
  for (const key of gone) options.delete(key);
  for (const [key, value] of Object.entries(wanted)) if (value !== undefined) options.set(key, value);
}
