// Whether what guests are made from is there, and how much of it may be made: limits, image and shape.
import { z } from "zod";
import type { Check } from "../../../check/check.ts";
import { fail, list, type Outcome, pass, say } from "../../../check/outcome.ts";
import { Unreadable } from "../../../check/unreadable.ts";
import { addressNameOf, logical } from "../names.ts";
import type { Scene } from "../scene.ts";
import { domainOf, gate } from "./gates.ts";

/** oci.quotas, oci.images and oci.shapes. */
export function capacityChecks(scene: Scene): readonly Check[] {
  const about = { after: [gate] as const, deadline: 60_000 };
  return [
    { ...about, id: "oci.quotas", observe: (signal) => checkQuotas(scene, signal) },
    { ...about, id: "oci.images", observe: (signal) => checkImage(scene, signal) },
    { ...about, id: "oci.shapes", observe: (signal) => checkShape(scene, signal) },
  ];
}

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

/** What is available is what the limit leaves beside everybody's use, ours included. */
async function checkQuotas(scene: Scene, signal: AbortSignal): Promise<Outcome> {
  const availabilityDomain = await domainOf(scene, signal);
  if (availabilityDomain === undefined) throw new Unreadable("no-expectation", "the availability domain");
  const demands = await demandsOf(scene, availabilityDomain, signal);
  const lacks = await Promise.all(
    demands.map(async (demand) => ({
      about: demand.about,
      lacking:
        demand.need - demand.own - (await availableOf(scene, { ...demand, availabilityDomain }, signal)),
    })),
  );
  const short = lacks.filter(({ lacking }) => lacking > 0);
  return short.length === 0
    ? pass(say`${lacks.length} limits leave room for what is declared`)
    : fail(list(short.map(({ about, lacking }) => say`${about}: ${lacking} too few`)));
}

/** A limit of one availability domain is asked for with it, any other without: either way is refused the other one's. */
async function availableOf(
  scene: Scene,
  { service, limit, availabilityDomain }: Demand & { readonly availabilityDomain: string },
  signal: AbortSignal,
): Promise<number> {
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
      ...(scope === "AD" && { availabilityDomain }),
    },
    model: availability,
  };
  return Number((await functions.ask(asked, signal)).available);
}

async function demandsOf(
  scene: Scene,
  availabilityDomain: string,
  signal: AbortSignal,
): Promise<readonly Demand[]> {
  const { config } = scene;
  const { guests, shape, disk, network } = config;
  const names = (await shapeOf(scene, availabilityDomain, signal))?.quotaNames ?? [];
  const own = await ownThings(scene, signal);
  const perGuest = (each: number) => ({ need: each * guests.length, own: each * own.instances });
  const compute = { service: "compute" } as const;
  return [
    { about: "cores", ...compute, limit: nameIn(names, "core"), ...perGuest(shape.ocpus) },
    { about: "memory", ...compute, limit: nameIn(names, "memory"), ...perGuest(shape.memory) },
    { about: "boot volumes", service: "block-storage", limit: "total-storage-gb", ...perGuest(disk) },
    {
      ...{ about: "public addresses", service: "vcn", limit: "reserved-public-ip-count" },
      ...{ need: guests.length, own: own.addresses },
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

const stated = z.array(z.object({ id: z.string(), state: z.string() }));

/** What is there of ours and counts. */
async function ownThings(scene: Scene, signal: AbortSignal) {
  const { config } = scene;
  const [{ instances }, { publicIps }, { virtualNetworks }] = await Promise.all([
    scene.list(
      { token: "oci:Core/getInstances:getInstances", model: z.object({ instances: stated }) },
      signal,
    ),
    scene.list(
      {
        token: "oci:Core/getPublicIps:getPublicIps",
        args: { scope: "REGION" },
        model: z.object({ publicIps: stated }),
      },
      signal,
    ),
    scene.list({ token: "oci:Core/getVcns:getVcns", model: z.object({ virtualNetworks: stated }) }, signal),
  ]);
  const count = (found: z.infer<typeof stated>, names: readonly string[]) => {
    const own = names.flatMap((name) => scene.knownId(name) ?? []);
    return found.filter(({ id, state }) => own.includes(id) && state !== "TERMINATED").length;
  };
  return {
    instances: count(
      instances,
      config.guests.map(({ name }) => name),
    ),
    addresses: count(publicIps, config.guests.map(addressNameOf)),
    networks: count(virtualNetworks, [logical.network]),
  };
}

const image = z.object({
  id: z.string(),
  displayName: z.string(),
  operatingSystem: z.string(),
  operatingSystemVersion: z.string(),
  state: z.string(),
});
const compatibilities = z.object({ imageShapeCompatibilities: z.array(z.object({ shape: z.string() })) });

/** By its id: lists of platform images hold only the newest ones. */
async function checkImage({ config, functions, seen }: Scene, signal: AbortSignal): Promise<Outcome> {
  const args = { imageId: config.image.id };
  const token = "oci:Core/getImageShapes:getImageShapes";
  const [found, { imageShapeCompatibilities: shapes }] = await Promise.all([
    functions.ask({ token: "oci:Core/getImage:getImage", args, model: image }, signal),
    functions.ask({ token, args, model: compatibilities }, signal),
  ]);
  seen.note("image", found);
  const wrong = [
    found.id === config.image.id ? [] : say`id`,
    found.displayName === config.image.name ? [] : say`name`,
    found.operatingSystem === config.image.system ? [] : say`operating system`,
    found.operatingSystemVersion === config.image.version ? [] : say`version`,
    found.state === "AVAILABLE" ? [] : say`state`,
  ].flat();
  if (wrong.length > 0) return fail(say`the image differs in ${list(wrong)}`);
  return shapes.some(({ shape }) => shape === config.shape.name)
    ? pass(say`the image is available, the declared one, and runs on the shape`)
    : fail(say`the image does not run on the shape`);
}

const range = z.object({ min: z.number(), max: z.number() });
const shapes = z.object({
  shapes: z.array(
    z.object({
      name: z.string(),
      isFlexible: z.boolean(),
      ocpuOptions: z.array(range),
      memoryOptions: z.array(z.object({ minInGbs: z.number(), maxInGbs: z.number() })),
      quotaNames: z.array(z.string()),
    }),
  ),
});

/** The shape as it is offered in the domain for the image; none where it is not. Throws `Unreadable`. */
async function shapeOf(scene: Scene, availabilityDomain: string, signal: AbortSignal) {
  const { config } = scene;
  const args = { availabilityDomain, imageId: config.image.id };
  const found = await scene.list({ token: "oci:Core/getShapes:getShapes", args, model: shapes }, signal);
  return found.shapes.find(({ name }) => name === config.shape.name);
}

async function checkShape(scene: Scene, signal: AbortSignal): Promise<Outcome> {
  const { ocpus, memory } = scene.config.shape;
  const availabilityDomain = await domainOf(scene, signal);
  const found = availabilityDomain && (await shapeOf(scene, availabilityDomain, signal));
  if (!found) return fail(say`the shape is not offered for the image in the availability domain`);
  const cores = found.ocpuOptions.some(({ min, max }) => min <= ocpus && ocpus <= max);
  const gigabytes = found.memoryOptions.some(
    ({ minInGbs, maxInGbs }) => minInGbs <= memory && memory <= maxInGbs,
  );
  return found.isFlexible && cores && gigabytes
    ? pass(say`the shape is offered for the image, with that many cores and that much memory`)
    : fail(say`the shape is not offered with that many cores and that much memory`);
}
