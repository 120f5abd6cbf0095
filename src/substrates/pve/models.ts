// What the checks need of PVE's answers; everything else in them is ignored. Shapes: PVE's API viewer.
import { z } from "zod";

/** PVE's loose truth: 1, "1" or true; anything else than these and their opposites is not understood. */
const flag = z.literal([0, 1, "0", "1", false, true]).transform((value) => [1, "1", true].includes(value));

/** GET /version */
export const version = z.object({ release: z.string().regex(/^\d+(\.\d+)+/), version: z.string() });

/** GET /access/permissions: path → privilege → whether it holds below that path too */
export const permissions = z.record(z.string(), z.record(z.string(), flag));

/** GET /cluster/status */
export const clusterStatus = z.array(
  z.discriminatedUnion("type", [
    z.object({ type: z.literal("node"), name: z.string(), online: flag }),
    z.object({ type: z.literal("cluster"), quorate: flag }),
  ]),
);

/** GET /nodes/N/network, the rows of bridges */
export const interfaces = z.array(
  z.object({
    iface: z.string(),
    type: z.string(),
    autostart: flag.optional(),
    bridge_ports: z.string().optional(),
    bridge_vlan_aware: flag.optional(),
    bridge_vids: z.string().optional(),
    mtu: z.coerce.string().optional(),
    comments: z.string().optional(),
  }),
);

/** GET /nodes/N/qemu/ID/config */
export const vmConfig = z.record(z.string(), z.union([z.string(), z.number()]));

/** A parsed VM config. */
export type VmConfig = z.infer<typeof vmConfig>;

/** GET /nodes/N/qemu/ID/status/current */
export const vmStatus = z.object({ status: z.string(), uptime: z.number() });

/** The same, for what state a VM is in: `qmpstatus` tells a paused VM from a running one. */
export const vmState = z.object({ status: z.string(), qmpstatus: z.string(), lock: z.string().optional() });

/** GET …/pending and GET …/cloudinit: a row per key, with what waits for it. */
export const waiting = z.array(
  z.object({
    key: z.string(),
    pending: z.union([z.string(), z.number()]).optional(),
    delete: z.number().optional(),
  }),
);

/** GET /nodes/N/network, the whole body: the diff of what is staged stands beside `data` (pve-manager, HTTPServer.pm). */
export const stagedNetwork = z.object({ data: z.array(z.unknown()), changes: z.string().optional() });

/** GET /nodes/N/status: `pve-manager/9.0.6/…` */
export const nodeStatus = z.object({
  pveversion: z
    .string()
    .regex(/^pve-manager\/\d+\.\d+/)
    .transform((text) => text.replace(/^pve-manager\/(\d+\.\d+).*$/, "$1")),
});

/** GET /nodes/N/storage */
export const storages = z.array(
  z.object({
    storage: z.string(),
    active: flag,
    enabled: flag,
    content: z.string(),
    /** Bytes; not told of a storage that is not active. */
    avail: z.number().optional(),
  }),
);

/** GET /nodes/N/storage/S/content?content=import. Sizes in bytes. */
export const files = z.array(z.object({ volid: z.string(), size: z.number(), format: z.string() }));

/** GET /cluster/resources?type=vm: node and tags come from the cluster's file system, so they are never late. */
export const resources = z.array(
  z.object({ vmid: z.number(), node: z.string(), tags: z.string().optional() }),
);

/** GET /cluster/firewall/options and GET /nodes/N/firewall/options */
export const firewallSwitches = z.object({ enable: z.coerce.number().optional(), nftables: flag.optional() });

/** GET …/qemu/ID/firewall/options; what was never set is absent and has PVE's default (pve-firewall-vm-opts). */
export const firewallOptions = z.object({
  enable: flag.default(false),
  policy_in: z.string().default("DROP"),
  policy_out: z.string().default("ACCEPT"),
  dhcp: flag.default(false),
  macfilter: flag.default(true),
  ipfilter: flag.default(false),
});

/** GET …/qemu/ID/firewall/rules */
export const firewallRules = z.array(
  z.object({
    pos: z.number(),
    type: z.string(),
    action: z.string(),
    enable: flag.default(false),
    proto: z.string().optional(),
    dport: z.string().optional(),
    sport: z.string().optional(),
    source: z.string().optional(),
    dest: z.string().optional(),
    iface: z.string().optional(),
    "icmp-type": z.string().optional(),
    macro: z.string().optional(),
    comment: z.string().optional(),
  }),
);

/** GET /nodes/N/storage/S/content?vmid=ID */
export const volumes = z.array(z.object({ volid: z.string() }));

/** POST …/agent/ping */
export const anything = z.unknown();

/** GET …/agent/info */
export const agentInfo = z.object({
  result: z.object({ supported_commands: z.array(z.object({ name: z.string(), enabled: z.boolean() })) }),
});

/** GET …/agent/file-read */
export const agentFile = z.object({ content: z.string() });

/** POST …/agent/exec */
export const agentPid = z.object({ pid: z.number().int() });

/** GET …/agent/exec-status; PVE has decoded the agent's base64. */
export const agentExit = z.object({
  exited: flag,
  exitcode: z.number().int().optional(),
  signal: z.number().int().optional(),
  "out-data": z.string().default(""),
  "out-truncated": flag.optional(),
  "err-truncated": flag.optional(),
});

/** GET …/cloudinit/dump */
export const dumped = z.string();

/** The invoke `proxmoxve:index/getNodesLegacy:getNodesLegacy`: two lists in the same order. */
export const invokedNodes = z
  .object({ names: z.array(z.string()), onlines: z.array(z.boolean()) })
  .refine(({ names, onlines }) => names.length === onlines.length, "expected two lists of one length");
