// What of a run is still in the cluster: VMs by its tag and by their numbers, their volumes, the image, bridges and pool.
import { z } from "zod";
import type { Check } from "../../../check/check.ts";
import { type Sentence, say } from "../../../check/outcome.ts";
import { goneCheck } from "../../../check/remains.ts";
import { Unreadable } from "../../../check/unreadable.ts";
import type { Run } from "../../../environment/run.ts";
import type { Api } from "../api.ts";
import type { PveConfig } from "../config.ts";
import { files, interfaces, stagedNetwork, storages, volumes } from "../models.ts";
import { gate } from "./gates.ts";
import { completeList } from "./scope.ts";

const pools = z.array(z.object({ poolid: z.string() }));

/** What is counted, and how long what is still going may take to go, in ms. */
type Asked = { readonly run: Run | undefined; readonly patience: number };

/** pve.gone: fails with what is left. */
export function remainsCheck(config: PveConfig, api: Api, { run, patience }: Asked): Check {
  const ask = async (signal: AbortSignal) => {
    if (run === undefined) throw new Unreadable("no-expectation", "nobody tells the run");
    return leftOf(config, { api, run, signal });
  };
  return goneCheck({ id: "pve.gone", gate, ask }, patience);
}

type Asking = { readonly api: Api; readonly run: Run; readonly signal: AbortSignal };

async function leftOf(config: PveConfig, asking: Asking): Promise<readonly Sentence[]> {
  const [vms, disks, image, bridges, pool] = await Promise.all([
    vmsOf(asking),
    disksOf(config, asking),
    imageOf(config, asking),
    bridgesOf(config, asking),
    poolOf(config, asking),
  ]);
  return [...vms, ...disks, ...image, ...bridges, ...pool];
}

async function vmsOf({ api, run, signal }: Asking): Promise<readonly Sentence[]> {
  const tagged = (await completeList(api, signal)).filter(({ tags }) => tags?.split(";").includes(run.id));
  return tagged.length === 0 ? [] : [say`${tagged.length} VMs carry the run's tag`];
}

/** Disks and config drives of numbers that no VM has any more; of one that another VM has taken since, nothing is ours. */
async function disksOf(config: PveConfig, { api, signal }: Asking): Promise<readonly Sentence[]> {
  const taken = new Set((await completeList(api, signal)).map(({ vmid }) => vmid));
  const ours = [...config.guests, ...(config.template.adopt === undefined ? [config.template] : [])];
  const free = ours.filter(({ vmId }) => !taken.has(vmId));
  const perGuest = await Promise.all(
    free.map(async ({ node, vmId }) => {
      const stores = await storesOn(node, { api, signal });
      const lists = await Promise.all(
        stores.map((store) =>
          api.get(`/nodes/${node}/storage/${store}/content?vmid=${vmId}`, volumes, signal),
        ),
      );
      return lists.flat().length;
    }),
  );
  const count = perGuest.reduce((sum, one) => sum + one, 0);
  return count === 0 ? [] : [say`${count} volumes of VMs that are gone`];
}

/** Where volumes may be. What one holds that is not active now can not be told. */
async function storesOn(node: string, { api, signal }: Omit<Asking, "run">): Promise<readonly string[]> {
  const all = await api.get(`/nodes/${node}/storage`, storages, signal);
  const stores = all.filter(({ enabled, content }) => enabled && content.split(",").includes("images"));
  if (stores.every(({ active }) => active)) return stores.map(({ storage }) => storage);
  throw new Unreadable("unreachable", `a datastore of ${node} is not active`);
}

async function imageOf({ image }: PveConfig, { api, signal }: Asking): Promise<readonly Sentence[]> {
  if (image === undefined) return [];
  const path = `/nodes/${image.node}/storage/${image.datastore}/content?content=import`;
  const found = await api.get(path, files, signal);
  return found.some(({ volid }) => volid.endsWith(`/${image.file}`)) ? [say`the image's file`] : [];
}

/** One whose removal is only staged is still there after the next start. */
async function bridgesOf({ bridges }: PveConfig, { api, signal }: Asking): Promise<readonly Sentence[]> {
  const own = bridges.filter(({ adopt }) => adopt === undefined);
  const left = await Promise.all(
    own.map(async (bridge) => {
      const path = `/nodes/${bridge.node}/network`;
      const there = await api.get(path, interfaces, signal);
      const { changes } = await api.whole(path, stagedNetwork, signal);
      const gone = !there.some(({ iface }) => iface === bridge.iface) && (changes ?? "") === "";
      return gone ? [] : [say`bridge ${bridge.name}`];
    }),
  );
  return left.flat();
}

async function poolOf({ pool }: PveConfig, { api, signal }: Asking): Promise<readonly Sentence[]> {
  if (pool === undefined || pool.adopt !== undefined) return [];
  const found = await api.get("/pools", pools, signal);
  return found.some(({ poolid }) => poolid === pool.id) ? [say`the pool`] : [];
}
