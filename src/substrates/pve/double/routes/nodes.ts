// Routes about one node: its status, certificate, tasks and network.
import { z } from "zod";
import { nodeOf } from "../cluster.ts";
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
import { bit, names, route } from "../route.ts";
import { certificates, nodeStatus } from "../status.ts";
import { runTask, taskLog, taskStatus } from "../tasks.ts";
import { may } from "../tokens.ts";

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

type NodePath = { readonly node: string };
const nodePath = ({ node }: NodePath) => `/nodes/${node}`;

export const nodeRoutes = [
  route("GET /nodes/{node}/status", {
    model: node,
    needs: ["Sys.Audit", nodePath],
    run: ({ node }, { cluster }) => nodeStatus(nodeOf(cluster, node)),
  }),
  route("GET /nodes/{node}/certificates/info", {
    model: node,
    run: ({ node }, { cluster }) => certificates(nodeOf(cluster, node)),
  }),
  route("GET /nodes/{node}/tasks/{upid}/status", {
    model: task,
    run: ({ upid }, { cluster }) => taskStatus(cluster, upid),
  }),
  route("GET /nodes/{node}/tasks/{upid}/log", {
    model: task,
    run: ({ upid }, { cluster }) => taskLog(cluster, upid),
  }),
  route("GET /nodes/{node}/network", {
    model: node.extend({ type: z.enum(["bridge", "eth", "any_bridge"]).optional() }),
    run: ({ node, type }, { cluster, token }) => {
      const wanted = type === "any_bridge" ? "bridge" : type;
      const mayBridges = may(token, "/sdn/zones/localnetwork", "SDN.Audit");
      return listInterfaces(nodeOf(cluster, node), wanted).filter(
        (row) => row.type !== "bridge" || mayBridges,
      );
    },
    beside: ({ node }, { cluster }) => stagedChanges(nodeOf(cluster, node)),
  }),
  route("GET /nodes/{node}/network/{iface}", {
    model: named,
    needs: ["Sys.Audit", nodePath],
    run: ({ node, iface }, { cluster }) => readInterface(nodeOf(cluster, node), iface),
  }),
  route("POST /nodes/{node}/network", {
    model: bridge.omit({ delete: true }),
    needs: ["Sys.Modify", nodePath],
    run: (wanted, { cluster }) => addInterface(nodeOf(cluster, wanted.node), wanted.iface, changeOf(wanted)),
  }),
  route("PUT /nodes/{node}/network/{iface}", {
    model: bridge,
    needs: ["Sys.Modify", nodePath],
    run: (wanted, { cluster }) =>
      changeInterface(nodeOf(cluster, wanted.node), wanted.iface, changeOf(wanted)),
  }),
  route("DELETE /nodes/{node}/network/{iface}", {
    model: named,
    needs: ["Sys.Modify", nodePath],
    run: ({ node, iface }, { cluster }) => removeInterface(nodeOf(cluster, node), iface),
  }),
  route("DELETE /nodes/{node}/network", {
    model: node,
    needs: ["Sys.Modify", nodePath],
    run: ({ node }, { cluster }) => revert(nodeOf(cluster, node)),
  }),
  route("PUT /nodes/{node}/network", {
    model: node,
    needs: ["Sys.Modify", nodePath],
    run: ({ node }, { cluster, token }) => {
      const name = { node, type: "srvreload", id: "networking", user: token.id };
      return runTask(cluster, name, () => reload(nodeOf(cluster, node)));
    },
  }),
];

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
