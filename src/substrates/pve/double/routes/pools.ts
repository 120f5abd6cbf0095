// Routes about pools: VMs that are managed, and may be given rights on, together.
import { z } from "zod";
import { demand, may } from "../needs.ts";
import { broken } from "../refusal.ts";
import { flag, route } from "../route.ts";
import type { Cluster, Pool } from "../state.ts";
import { vmRow } from "../status.ts";
import type { Caller } from "../tokens.ts";

const named = z.strictObject({ poolid: z.string().regex(/^[A-Za-z0-9_-]+$/) });
const allocate = { on: "/pool/{poolid}", all: ["Pool.Allocate"] } as const;

export const poolRoutes = [
  route("GET /pools", {
    model: named.partial(),
    run: ({ poolid }, caller) => (poolid === undefined ? visible(caller) : [members(caller.cluster, poolid)]),
  }),
  route("POST /pools", {
    model: named.extend({ comment: z.string().optional() }),
    needs: allocate,
    run: ({ poolid, comment = "" }, { cluster }) => {
      if (cluster.pools.has(poolid)) throw broken(`create pool failed: pool '${poolid}' already exists`);
      cluster.pools.set(poolid, { comment, vms: new Set() });
    },
  }),
  route("PUT /pools", {
    model: named.extend({
      comment: z.string().optional(),
      vms: z
        .string()
        .regex(/^\d+(,\d+)*$/)
        .optional(),
      delete: flag.optional(),
    }),
    needs: allocate,
    run: ({ poolid, comment, vms, delete: gone = false }, caller) => {
      const pool = poolOf(caller.cluster, poolid);
      const ids = vms?.split(",").map(Number) ?? [];
      for (const vmid of ids) refuseMember(caller, { poolid, pool, vmid, gone });
      for (const vmid of ids) pool.vms[gone ? "delete" : "add"](vmid);
      pool.comment = comment ?? pool.comment;
    },
  }),
  route("DELETE /pools", {
    model: named,
    needs: allocate,
    run: ({ poolid }, { cluster }) => {
      const [vmid] = poolOf(cluster, poolid).vms;
      if (vmid !== undefined)
        throw broken(`delete pool failed: pool '${poolid}' is not empty (contains VM ${vmid})`);
      cluster.pools.delete(poolid);
    },
  }),
];

/** Pools that the caller may not see are left out without a word. */
function visible(caller: Caller): unknown[] {
  const pools = [...caller.cluster.pools];
  return pools
    .filter(([poolid]) => may(caller, { on: `/pool/${poolid}`, all: ["Pool.Audit"] }))
    .map(([poolid, { comment }]) => ({ poolid, comment }));
}

/** One that is asked for by name is shown to everybody: the check for it is made and not heeded (pve-manager, Pool.pm). */
function members(cluster: Cluster, poolid: string): unknown {
  const { comment, vms } = poolOf(cluster, poolid);
  const found = [...vms].flatMap((vmid) => cluster.vms.get(vmid) ?? []);
  return {
    poolid,
    comment,
    members: found.map((vm) => ({ ...vmRow(cluster, vm), id: `qemu/${vm.id}`, type: "qemu", node: vm.node })),
  };
}

function poolOf(cluster: Cluster, poolid: string): Pool {
  const pool = cluster.pools.get(poolid);
  if (pool === undefined) throw broken(`pool '${poolid}' does not exist`);
  return pool;
}

/** Whose VM it is changes what may be done with it, so that takes a right on the VM as well. */
function refuseMember(
  caller: Caller,
  { poolid, pool, vmid, gone }: { poolid: string; pool: Pool; vmid: number; gone: boolean },
): void {
  demand(caller, { on: `/vms/${vmid}`, any: ["Permissions.Modify", "VM.Allocate"] });
  const failed = (why: string) => broken(`update pools failed: ${why}`);
  if (gone && !pool.vms.has(vmid)) throw failed(`VM ${vmid} is not a pool member`);
  if (gone) return;
  if (pool.vms.has(vmid)) throw failed(`VM ${vmid} is already a pool member`);
  const other = [...caller.cluster.pools].find(([, { vms }]) => vms.has(vmid));
  if (other !== undefined)
    throw failed(`VM ${vmid} belongs already to pool '${other[0]}' and 'allow-move' is not set`);
  if (!caller.cluster.vms.has(vmid)) throw failed(`VM ${vmid} does not exist in pool '${poolid}'`);
}
