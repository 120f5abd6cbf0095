// Prepared changes of the nodes' networks, applied or only staged.
import type { PreparedDrift } from "../../double.ts";

const bridge = { iface: "vmbr1", type: "bridge" } as const;

/** What nobody notices who only looks at what is declared, and what waits for the next reload. */
export const networks: readonly PreparedDrift[] = [
  {
    name: "bridge-comment-gone",
    summary: "a bridge loses its comment",
    check: "pve.bridges.config",
    change: {
      requests: [
        { method: "PUT", path: "/nodes/pve2/network/vmbr1", form: { ...bridge, delete: "comments" } },
        { method: "PUT", path: "/nodes/pve2/network" },
      ],
    },
  },
  {
    name: "bridge-ports-emptied",
    summary: "a bridge loses its port: its guests are cut off from the other node",
    check: "pve.bridges.config",
    along: ["pve.bridges.live", "g.ssh"],
    change: {
      requests: [
        { method: "PUT", path: "/nodes/pve2/network/vmbr1", form: { ...bridge, bridge_ports: "" } },
        { method: "PUT", path: "/nodes/pve2/network" },
      ],
    },
  },
  {
    name: "bridge-change-staged",
    summary: "a change of a declared bridge is staged and not applied",
    check: "pve.bridges.pending",
    along: ["pve.bridges.config"],
    change: {
      requests: [{ method: "PUT", path: "/nodes/pve1/network/vmbr1", form: { ...bridge, mtu: "9000" } }],
    },
  },
  {
    name: "foreign-change-staged",
    summary: "somebody prepares a bridge of their own and does not apply it",
    check: "pve.bridges.pending",
    change: {
      requests: [{ method: "POST", path: "/nodes/pve2/network", form: { ...bridge, iface: "vmbr7" } }],
    },
  },
];
