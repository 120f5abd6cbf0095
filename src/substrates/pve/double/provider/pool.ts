// `proxmoxve:index/poolLegacy:PoolLegacy`: a pool, whose members are told by the VMs that name it.
import { z } from "zod";
import { compare, type Shape } from "../../../bridged/compare.ts";
import { checked, inputsOf } from "../../../bridged/inputs.ts";
import type { Properties, ResourceDouble } from "../../../double.ts";
import { PveError, type Rest } from "./rest.ts";

const inputs = z.object({ poolId: z.string(), comment: z.string().optional() });

const member = z.object({
  id: z.string(),
  node: z.string(),
  type: z.string(),
  vmid: z.number().optional(),
  storage: z.string().optional(),
});
const found = z.array(z.object({ comment: z.string().default(""), members: z.array(member).default([]) }));

const shape: Shape = {
  inputs: Object.keys(inputs.shape),
  defaults: new Map(),
  computed: new Set(),
  replaces: new Set(["poolId"]),
  sets: new Set(),
};

/** The type's double over one API. */
export function pool(rest: Rest): ResourceDouble {
  return {
    deleteBeforeReplace: false,
    secrets: [],
    check(news) {
      checked(inputs, news);
      return news;
    },
    diff: ({ outputs }, news) => compare(outputs, news, shape),
    preview: (news, olds = {}) => ({ ...olds, ...news }),
    async create(news, signal) {
      const { poolId, comment } = inputs.parse(news);
      await rest.send("POST", "pools", { fields: { poolid: poolId, comment }, signal });
      return { id: poolId, outputs: { ...news, ...(await read(rest, poolId, signal)) } };
    },
    async read(id, olds, signal) {
      const outputs = await read(rest, id, signal);
      if (outputs === undefined) return undefined;
      return { id, outputs, inputs: inputsOf(shape.inputs, olds.inputs, outputs) };
    },
    async update(id, { news }, signal) {
      const { comment = "" } = inputs.parse(news);
      await rest.send("PUT", `pools?poolid=${id}`, { fields: { comment }, signal });
      return { ...news, ...(await read(rest, id, signal)) };
    },
    async delete(id, _olds, signal) {
      try {
        await rest.send("DELETE", `pools?poolid=${id}`, { signal });
      } catch (error) {
        if (!(error instanceof PveError && error.gone)) throw error;
      }
    },
  };
}

async function read(rest: Rest, id: string, signal: AbortSignal): Promise<Properties | undefined> {
  const [told] = (await rest.find("pools", found, { query: { poolid: id }, signal })) ?? [];
  if (told === undefined) return undefined;
  const members = told.members.map(({ id, node, type, vmid = 0, storage = "" }) => ({
    id,
    nodeName: node,
    type,
    vmId: vmid,
    datastoreId: storage,
  }));
  return { id, poolId: id, comment: told.comment, members };
}
