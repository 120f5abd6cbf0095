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
  }),
);

/** GET /nodes/N/qemu/ID/config */
export const vmConfig = z.record(z.string(), z.union([z.string(), z.number()]));

/** A parsed VM config. */
export type VmConfig = z.infer<typeof vmConfig>;

/** GET /nodes/N/qemu/ID/status/current */
export const vmStatus = z.object({ status: z.string(), uptime: z.number() });

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

/** The invoke `proxmoxve:index/getNodesLegacy:getNodesLegacy`: two lists in the same order. */
export const invokedNodes = z
  .object({ names: z.array(z.string()), onlines: z.array(z.boolean()) })
  .refine(({ names, onlines }) => names.length === onlines.length, "expected two lists of one length");
