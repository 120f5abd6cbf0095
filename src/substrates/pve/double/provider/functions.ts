// The functions of the proxmoxve plugin that our inspections invoke.
import type { GetNodesLegacyResult } from "@muhlba91/pulumi-proxmoxve/getNodesLegacy.js";
import type { GetVersionResult } from "@muhlba91/pulumi-proxmoxve/getVersion.js";
import { z } from "zod";
import type { Properties } from "../../../double.ts";
import type { Rest } from "./rest.ts";

const version = z.object({ release: z.string(), repoid: z.string(), version: z.string() });

const node = z.object({
  node: z.string(),
  status: z.string().default("unknown"),
  level: z.string().default(""),
  cpu: z.number().default(0),
  maxcpu: z.number().default(1),
  mem: z.number().default(0),
  maxmem: z.number().default(0),
  uptime: z.number().default(0),
  ssl_fingerprint: z.string().default(""),
});

/** Answers by function token; the arguments of none of them matter. */
export const functions: Readonly<Record<string, (rest: Rest, signal: AbortSignal) => Promise<Properties>>> = {
  "proxmoxve:index/getVersion:getVersion": async (rest, signal): Promise<GetVersionResult & Properties> => {
    const found = await rest.get("version", version, { signal });
    return { id: "version", release: found.release, repositoryId: found.repoid, version: found.version };
  },
  "proxmoxve:index/getNodesLegacy:getNodesLegacy": async (
    rest,
    signal,
  ): Promise<GetNodesLegacyResult & Properties> => {
    const found = await rest.get("nodes", z.array(node), { signal });
    const nodes = found.toSorted((a, b) => (a.node < b.node ? -1 : 1));
    return {
      id: "nodes",
      names: nodes.map((each) => each.node),
      onlines: nodes.map((each) => each.status === "online"),
      supportLevels: nodes.map((each) => each.level),
      cpuCounts: nodes.map((each) => each.maxcpu),
      cpuUtilizations: nodes.map((each) => Math.round(each.cpu * 100) / 100),
      memoryAvailables: nodes.map((each) => each.maxmem),
      memoryUseds: nodes.map((each) => each.mem),
      sslFingerprints: nodes.map((each) => each.ssl_fingerprint),
      uptimes: nodes.map((each) => each.uptime),
    };
  },
};
