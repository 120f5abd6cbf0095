// Whether the tenancy's limits leave room for the substrate, beside what of it is there already.
import { z } from "zod";
import { fail, list, type Outcome, pass, say } from "../../../check/outcome.ts";
import { Unreadable } from "../../../check/unreadable.ts";
import { addressNameOf, logical } from "../names.ts";
import type { Scene } from "../scene.ts";
import { shapeOf } from "./shapes.ts";

/** A limit: what we need of it in all, and what of that is ours already. */
type Demand = {
  readonly about: "cores" | "memory" | "boot volumes" | "public addresses" | "networks";
  readonly service: string;
  readonly limit: string;
  readonly need: number;
  readonly own: number;
};

const definitions = z.object({
  limitDefinitions: z.array(z.object({ name: z.string(), scopeType: z.string() })),
});
/** A number as text; empty where the service does not tell. */
const availability = z.object({ available: z.string().regex(/^-?\d+$/) });

/** oci.quotas: what is available is what the limit leaves beside everybody's use, ours included. */
export async function checkQuotas(scene: Scene, signal: AbortSignal): Promise<Outcome> {
  const demands = await demandsOf(scene, signal);
  const lacks = await Promise.all(
    demands.map(async (demand) => ({
      about: demand.about,
      lacking: demand.need - demand.own - (await availableOf(scene, demand, signal)),
    })),
  );
  const short = lacks.filter(({ lacking }) => lacking > 0);
  return short.length === 0
    ? pass(say`${lacks.length} limits leave room for what is declared`)
    : fail(list(short.map(({ about, lacking }) => say`${about}: ${lacking} too few`)));
}

/** A limit of one availability domain is asked for with it, any other without: either way is refused the other one's. */
async function availableOf(scene: Scene, { service, limit }: Demand, signal: AbortSignal): Promise<number> {
  const { functions, config } = scene;
  const args = { compartmentId: config.tenancy.id, serviceName: service, name: limit };
  const token = "oci:Limits/getLimitDefinitions:getLimitDefinitions";
  const { limitDefinitions } = await functions.ask({ token, args, model: definitions }, signal);
  const scope = limitDefinitions.find(({ name }) => name === limit)?.scopeType;
  if (scope === undefined) throw new Unreadable("no-expectation", `no limit ${limit}`);
  const asked = {
    token: "oci:Limits/getResourceAvailability:getResourceAvailability",
    args: {
      ...{ compartmentId: config.tenancy.id, serviceName: service, limitName: limit },
      ...(scope === "AD" && { availabilityDomain: config.domain }),
    },
    model: availability,
  };
  return Number((await functions.ask(asked, signal)).available);
}

async function demandsOf(scene: Scene, signal: AbortSignal): Promise<readonly Demand[]> {
  const { config } = scene;
  const { guests, shape, disk, network } = config;
  const names = (await shapeOf(scene, signal))?.quotaNames ?? [];
  const own = await ownThings(scene, signal);
  const compute = (what: "core" | "memory") => ({ service: "compute", limit: nameIn(names, what) });
  const each = guests.length;
  return [
    { about: "cores", ...compute("core"), need: shape.ocpus * each, own: own.cores },
    { about: "memory", ...compute("memory"), need: shape.memory * each, own: own.memory },
    {
      ...{ about: "boot volumes", service: "block-storage", limit: "total-storage-gb" },
      ...{ need: disk * each, own: own.disk },
    },
    {
      ...{ about: "public addresses", service: "vcn", limit: "reserved-public-ip-count" },
      ...{ need: each, own: own.addresses },
    },
    {
      ...{ about: "networks", service: "vcn", limit: "vcn-count" },
      ...{ need: network.adopt === undefined ? 1 : 0, own: network.adopt === undefined ? own.networks : 0 },
    },
  ];
}

/** `standard-e4-core-count`, as the shape names what it counts against. */
function nameIn(names: readonly string[], what: "core" | "memory"): string {
  const found = names.find((name) => name.includes(`-${what}-`));
  if (found === undefined) throw new Unreadable("no-expectation", `the shape names no limit of ${what}`);
  return found;
}

const stated = z.object({ id: z.string(), state: z.string() });
const instances = z.array(
  z.object({
    ...stated.shape,
    shapeConfigs: z.array(z.object({ ocpus: z.number(), memoryInGbs: z.number() })),
    // None of one that was launched from a boot volume, or where the service leaves it out.
    sourceDetails: z.array(z.object({ bootVolumeSizeInGbs: z.string().regex(/^\d*$/).default("") })),
  }),
);

/** What is there of ours and counts, as large as it is: a stopped instance counts as well. */
async function ownThings(scene: Scene, signal: AbortSignal) {
  const { guests, disk } = scene.config;
  const [compute, { publicIps }, { virtualNetworks }] = await Promise.all([
    scene.list({ token: "oci:Core/getInstances:getInstances", model: z.object({ instances }) }, signal),
    scene.list(
      {
        token: "oci:Core/getPublicIps:getPublicIps",
        args: { scope: "REGION" },
        model: z.object({ publicIps: z.array(stated) }),
      },
      signal,
    ),
    scene.list(
      { token: "oci:Core/getVcns:getVcns", model: z.object({ virtualNetworks: z.array(stated) }) },
      signal,
    ),
  ]);
  const own = <T extends z.infer<typeof stated>>(
    found: readonly T[],
    names: readonly string[],
  ): readonly T[] => {
    const ids = names.flatMap((name) => scene.knownId(name) ?? []);
    return found.filter(({ id, state }) => ids.includes(id) && state !== "TERMINATED");
  };
  const ours = own(
    compute.instances,
    guests.map(({ name }) => name),
  );
  const sizes = ours.flatMap(({ shapeConfigs }) => shapeConfigs);
  const disks = ours.flatMap(({ sourceDetails }) =>
    sourceDetails.map(({ bootVolumeSizeInGbs: size }) => (size === "" ? disk : Number(size))),
  );
  return {
    cores: total(sizes.map(({ ocpus }) => ocpus)),
    memory: total(sizes.map(({ memoryInGbs }) => memoryInGbs)),
    disk: total(disks),
    addresses: own(publicIps, guests.map(addressNameOf)).length,
    networks: own(virtualNetworks, [logical.network]).length,
  };
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0);
}
