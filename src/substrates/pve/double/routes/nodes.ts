// Routes about one node: its status, certificate, tasks and network.
import { z } from "zod";
import { nodeOf } from "../cluster.ts";
import { demand } from "../needs.ts";
import {
  addInterface,
  changeInterface,
  type InterfaceChange,
  listInterfaces,
  readInterface,
  reload,
  removeInterface,
  revert,
  stagedChanges,
} from "../network.ts";
import { maySeeBridge } from "../privileges.ts";
import { bit, names, route } from "../route.ts";
import { certificates, nodeStatus } from "../status.ts";
import { runTask, taskLog, taskStatus } from "../tasks.ts";
import type { Caller } from "../tokens.ts";

const node = z.strictObject({ node: z.string() });
const task = node.extend({ upid: z.string().startsWith("UPID:") });
const named = node.extend({ iface: z.string().regex(/^[a-zA-Z][a-zA-Z0-9_.]{1,20}$/) });
const bridge = named.extend({
  type: z.literal("bridge"),
  autostart: bit.optional(),
  bridge_ports: z.string().optional(),
  bridge_vlan_aware: bit.optional(),
  bridge_vids: z.string().optional(),
  mtu: z.string().regex(/^\d+$/).optional(),
  comments: z.string().optional(),
  cidr: z.string().optional(),
  gateway: z.string().optional(),
  delete: names.optional(),
});

/** Of what a request calls them to what they are here. */
const keys = {
  autostart: "autostart",
  bridge_ports: "ports",
  bridge_vlan_aware: "vlanAware",
  bridge_vids: "vids",
  mtu: "mtu",
  comments: "comments",
  cidr: "cidr",
  gateway: "gateway",
} as const;

const audit = { on: "/nodes/{node}", all: ["Sys.Audit"] } as const;
const modify = { on: "/nodes/{node}", all: ["Sys.Modify"] } as const;

export const nodeRoutes = [
  route("GET /nodes/{node}/status", {
    model: node,
    needs: audit,
    run: ({ node }, { cluster }) => nodeStatus(nodeOf(cluster, node)),
  }),
  route("GET /nodes/{node}/certificates/info", {
    model: node,
    run: ({ node }, { cluster }) => certificates(nodeOf(cluster, node)),
  }),
  route("GET /nodes/{node}/tasks/{upid}/status", {
    model: task,
    run: ({ node, upid }, caller) => {
      refuseOthersTask(caller, node, upid);
      return taskStatus(caller.cluster, upid);
    },
  }),
  route("GET /nodes/{node}/tasks/{upid}/log", {
    model: task,
    run: ({ node, upid }, caller) => {
      refuseOthersTask(caller, node, upid);
      return taskLog(caller.cluster, upid);
    },
  }),
  route("GET /nodes/{node}/network", {
    model: node.extend({ type: z.enum(["bridge", "eth", "any_bridge"]).optional() }),
    run: ({ node, type }, caller) => {
      const wanted = type === "any_bridge" ? "bridge" : type;
      const found = listInterfaces(nodeOf(caller.cluster, node), wanted);
      return found.filter((row) => row.type !== "bridge" || maySeeBridge(caller, String(row.iface)));
    },
    beside: ({ node }, { cluster }) => stagedChanges(nodeOf(cluster, node)),
  }),
  route("GET /nodes/{node}/network/{iface}", {
    model: named,
    needs: audit,
    run: ({ node, iface }, { cluster }) => readInterface(nodeOf(cluster, node), iface),
  }),
  route("POST /nodes/{node}/network", {
    model: bridge.omit({ delete: true }),
    needs: modify,
    run: (wanted, { cluster }) => addInterface(nodeOf(cluster, wanted.node), wanted.iface, changeOf(wanted)),
  }),
  route("PUT /nodes/{node}/network/{iface}", {
    model: bridge,
    needs: modify,
    run: (wanted, { cluster }) =>
      changeInterface(nodeOf(cluster, wanted.node), wanted.iface, changeOf(wanted)),
  }),
  route("DELETE /nodes/{node}/network/{iface}", {
    model: named,
    needs: modify,
    run: ({ node, iface }, { cluster }) => removeInterface(nodeOf(cluster, node), iface),
  }),
  route("DELETE /nodes/{node}/network", {
    model: node,
    needs: modify,
    run: ({ node }, { cluster }) => revert(nodeOf(cluster, node)),
  }),
  route("PUT /nodes/{node}/network", {
    model: node,
    needs: modify,
    run: ({ node }, { cluster, token }) => {
      const name = { node, type: "srvreload", id: "networking", user: token.id };
      return runTask(cluster, name, () => reload(nodeOf(cluster, node)));
    },
  }),
];

/** A task is shown to whoever started it, and to those who may see the node. */
function refuseOthersTask(caller: Caller, node: string, upid: string): void {
  const owner = caller.cluster.tasks.get(upid)?.user;
  if (owner !== undefined && owner !== caller.token.id) demand(caller, audit, { node });
}

function changeOf(wanted: Partial<z.infer<typeof bridge>>): InterfaceChange {
  const given = Object.entries(keys).flatMap(([wire, key]) =>
    Object.hasOwn(wanted, wire) ? [[wire, key] as const] : [],
  );
  const ports = wanted.bridge_ports?.split(/[,;\s]+/).filter((port) => port !== "");
  const values: InterfaceChange = {
    autostart: wanted.autostart === 1 ? 1 : 0,
    ports,
    vlanAware: wanted.bridge_vlan_aware === 1 ? 1 : 0,
    vids: wanted.bridge_vids,
    mtu: wanted.mtu,
    comments: wanted.comments?.trimEnd(),
    cidr: wanted.cidr,
    gateway: wanted.gateway,
  };
  const gone = new Set(wanted.delete);
  return Object.fromEntries([
    ...given.map(([, key]) => [key, values[key]] as const),
    ...Object.entries(keys).flatMap(([wire, key]) => (gone.has(wire) ? [[key, undefined] as const] : [])),
  ]);
}
