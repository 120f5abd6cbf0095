// The hypervisors: is every expected node there and online, and does each bridge look as it should.
import type { z } from "zod";
import type { Check } from "../../../check/check.ts";
import { fail, list, type Outcome, pass, say } from "../../../check/outcome.ts";
import { Unreadable } from "../../../check/unreadable.ts";
import type { Seen } from "../../seen.ts";
import type { Sight } from "../../substrate.ts";
import type { Api } from "../api.ts";
import type { PveConfig } from "../config.ts";
import { clusterStatus, interfaces, invokedNodes } from "../models.ts";
import type { Bridge } from "../topology.ts";
import { sameWords } from "../words.ts";
import { lookTwice } from "./absence.ts";
import { gate } from "./gates.ts";

/** pve.nodes, and pve.bridges.config for each bridge. */
export function hostChecks(
  config: PveConfig,
  api: Api,
  parts: { sight: Sight; seen: Seen },
): readonly Check[] {
  return [
    {
      id: "pve.nodes",
      after: [gate],
      deadline: 60_000,
      observe: async (signal) => {
        const [rows, invoked] = await Promise.all([
          api.get("/cluster/status", clusterStatus, signal),
          parts.sight.invoke("proxmoxve:index/getNodesLegacy:getNodesLegacy", {}, signal),
        ]);
        return judgeNodes(config, rows, parseInvoked(invoked));
      },
    },
    ...config.bridges.map(
      (bridge): Check => ({
        id: "pve.bridges.config",
        target: bridge.name,
        after: [gate],
        deadline: 30_000,
        observe: async (signal) => {
          const row = await lookTwice(async () => {
            const rows = await api.get(`/nodes/${bridge.node}/network`, interfaces, signal);
            return rows.find(({ iface }) => iface === bridge.iface);
          });
          if (row === undefined) return fail(say`${bridge.name} does not exist`);
          parts.seen.note(`bridge ${bridge.name}`, row);
          return judgeBridge(bridge, row);
        },
      }),
    ),
  ];
}

function parseInvoked(answer: unknown): z.infer<typeof invokedNodes> {
  const parsed = invokedNodes.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new Unreadable("unparsable", "getNodesLegacy without nodes");
}

/** Two witnesses: the cluster's own view, and that of the engine's provider with the provider's credentials. */
function judgeNodes(
  config: PveConfig,
  rows: z.infer<typeof clusterStatus>,
  invoked: z.infer<typeof invokedNodes>,
): Outcome {
  const nodes = rows.filter((row) => row.type === "node");
  const cluster = rows.find((row) => row.type === "cluster");
  const missing = config.nodes.filter((expected) => !nodes.some(({ name }) => name === expected));
  const offline = config.nodes.filter((expected) =>
    nodes.some(({ name, online }) => name === expected && !online),
  );
  const extra = nodes.length - (config.nodes.length - missing.length);
  const unseen = config.nodes.filter((expected) => !invoked.onlines[invoked.names.indexOf(expected)]);
  if (missing.length > 0) return fail(say`missing: ${list(missing)}`);
  if (offline.length > 0) return fail(say`offline: ${list(offline)}`);
  if (extra > 0) return fail(say`${extra} nodes more than expected`);
  // A node that stands alone has no cluster row.
  if (cluster?.quorate === false || (cluster === undefined && config.nodes.length > 1))
    return fail(say`the cluster has no quorum`);
  if (unseen.length > 0) return fail(say`the engine's provider does not see online: ${list(unseen)}`);
  return pass(say`${config.nodes.length} of ${config.nodes.length} nodes online and quorate`);
}

function judgeBridge(bridge: Bridge, row: z.infer<typeof interfaces>[number]): Outcome {
  const wrong = [
    row.type === "bridge" ? [] : say`type`,
    row.bridge_vlan_aware === true ? [] : say`VLAN-awareness`,
    sameWords(row.bridge_vids, bridge.vids) ? [] : say`VLAN ids`,
    sameWords(row.bridge_ports, bridge.ports.join(" ")) ? [] : say`ports`,
    (row.mtu ?? "1500") === String(bridge.mtu) ? [] : say`MTU`,
    row.autostart === true ? [] : say`autostart`,
    (row.comments ?? "").trim() === bridge.comment ? [] : say`comment`,
  ].flat();
  return wrong.length === 0
    ? pass(say`${bridge.name} is VLAN-aware, with its ports, VLAN ids and MTU`)
    : fail(say`${bridge.name} differs in ${list(wrong)}`);
}
