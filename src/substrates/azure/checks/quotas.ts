// Whether quotas leave room for what is declared, beside what of it is there already.
import { z } from "zod";
import { fail, list, type Outcome, pass, say } from "../../../check/outcome.ts";
import { Unreadable } from "../../../check/unreadable.ts";
import { groupOf } from "../names.ts";
import type { Scene } from "../scene.ts";
import { sizesOf } from "./skus.ts";

const usage = z.object({
  name: z.object({ value: z.string() }),
  currentValue: z.number(),
  limit: z.number(),
});
type Usage = z.infer<typeof usage>;

/** One quota: what we need in all, and what of that is counted already. */
type Demand = {
  readonly about: keyof typeof words;
  readonly usage: Usage | undefined;
  readonly need: number;
  readonly own: number;
};

const words = {
  cores: "vCPUs in the location",
  family: "vCPUs of the family",
  virtualMachines: "virtual machines",
  VirtualNetworks: "networks",
  NetworkSecurityGroups: "security groups",
  RouteTables: "route tables",
  NetworkInterfaces: "network interfaces",
  StandardSkuPublicIpAddresses: "public addresses",
} as const;

/** azure.quotas */
export async function checkQuotas(scene: Scene, signal: AbortSignal): Promise<Outcome> {
  const demands = await demandsOf(scene, signal);
  const unknown = demands.filter(({ usage: found }) => found === undefined);
  if (unknown.length > 0)
    throw new Unreadable("unparsable", `no usage of ${unknown.map(({ about }) => about)}`);
  const short = demands.flatMap(({ about, usage: found, need, own }) => {
    const lacking = need - own - ((found?.limit ?? 0) - (found?.currentValue ?? 0));
    return lacking > 0 ? [{ about, lacking }] : [];
  });
  return short.length === 0
    ? pass(say`${demands.length} quotas leave room for what is declared`)
    : fail(list(short.map(({ about, lacking }) => say`${words[about]}: ${lacking} too few`)));
}

async function demandsOf(scene: Scene, signal: AbortSignal): Promise<readonly Demand[]> {
  const { config } = scene;
  const [sizes, compute, network, things, running] = await Promise.all([
    sizesOf(scene, signal),
    usagesOf(scene, { provider: "Microsoft.Compute", version: "2024-07-01" }, signal),
    usagesOf(scene, { provider: "Microsoft.Network", version: "2024-05-01" }, signal),
    kindsOf(scene, signal),
    runningSizes(scene, signal),
  ]);
  const sku = sizes.get(config.shape);
  if (sku === undefined || Number.isNaN(sku.vcpus))
    throw new Unreadable("no-expectation", "the size is not known");
  const all = config.guests.length;
  const of = (usages: readonly Usage[], name: string | undefined) =>
    usages.find(({ name: { value } }) => value.toLowerCase() === name?.toLowerCase());
  const count = (kind: string) => things.filter((type) => type.toLowerCase() === kind.toLowerCase()).length;
  const ours = running.flatMap((name) => sizes.get(name) ?? []);
  const cores = (is: (size: (typeof ours)[number]) => boolean) =>
    ours.filter(is).reduce((sum, { vcpus }) => sum + vcpus, 0);
  const one = config.network.adopt === undefined ? 1 : 0;
  const inNetwork = (about: keyof typeof words, kind: string, need: number): Demand => ({
    // Newer lists tell public addresses of the two versions of IP apart.
    ...{ about, usage: of(network, about) ?? of(network, `IPv4${about}`), need },
    own: Math.min(need, count(`Microsoft.Network/${kind}`)),
  });
  return [
    { about: "cores", usage: of(compute, "cores"), need: all * sku.vcpus, own: cores(() => true) },
    {
      ...{ about: "family", usage: of(compute, sku.family), need: all * sku.vcpus },
      own: cores(({ family }) => family === sku.family),
    },
    {
      ...{ about: "virtualMachines", usage: of(compute, "virtualMachines"), need: all },
      own: Math.min(all, count("Microsoft.Compute/virtualMachines")),
    },
    inNetwork("VirtualNetworks", "virtualNetworks", one),
    inNetwork("NetworkSecurityGroups", "networkSecurityGroups", 1),
    inNetwork("RouteTables", "routeTables", 1),
    inNetwork("NetworkInterfaces", "networkInterfaces", all),
    inNetwork("StandardSkuPublicIpAddresses", "publicIPAddresses", all),
  ];
}

type Api = { readonly provider: string; readonly version: string };

async function usagesOf(
  { arm, config, subscription }: Scene,
  { provider, version }: Api,
  signal: AbortSignal,
) {
  const path = `${subscription}/providers/${provider}/locations/${config.location}/usages`;
  return arm.list({ path, version, model: usage }, signal);
}

/** The types of everything in our resource group; none of it is counted twice where somebody else's is in it too. */
async function kindsOf(
  { arm, config, subscription }: Scene,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const version = "2021-04-01";
  const path = `${subscription}/resourceGroups/${groupOf(config)}`;
  const group = await arm.find({ path, version, model: z.object({ id: z.string() }) }, signal);
  if (group === undefined) return [];
  const model = z.object({ type: z.string() });
  return (await arm.list({ path: `${path}/resources`, version, model }, signal)).map(({ type }) => type);
}

/** What our machines are now; one that is deallocated uses no cores. */
async function runningSizes(scene: Scene, signal: AbortSignal): Promise<readonly string[]> {
  const known = scene.config.guests.filter(({ name }) => scene.knownId(name) !== undefined);
  const all = await Promise.all(known.map((guest) => scene.machine(guest, signal)));
  return all.flatMap((seen) => {
    const codes = seen?.instanceView.statuses.map(({ code }) => code) ?? [];
    return seen === undefined || codes.includes("PowerState/deallocated")
      ? []
      : [seen.hardwareProfile.vmSize];
  });
}
