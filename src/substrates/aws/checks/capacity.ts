// Whether there is room for the substrate, and whether what its guests are made from is there: quotas, image, shape, key.
import { z } from "zod";
import type { Check } from "../../../check/check.ts";
import { fail, list, type Outcome, pass, say } from "../../../check/outcome.ts";
import { publicKeyOf } from "../../../probes/key.ts";
import { logical } from "../names.ts";
import type { Scene } from "../scene.ts";
import { isStandard } from "../section.ts";
import { gate } from "./gates.ts";

/** aws.quotas, aws.images, aws.shapes and aws.sshkey. */
export function capacityChecks(scene: Scene): readonly Check[] {
  const about = { after: [gate] as const, deadline: 60_000 };
  return [
    { ...about, id: "aws.quotas", observe: (signal) => checkQuotas(scene, signal) },
    { ...about, id: "aws.images", observe: (signal) => checkImage(scene, signal) },
    { ...about, id: "aws.shapes", observe: (signal) => checkShape(scene, signal) },
    { ...about, id: "aws.sshkey", observe: (signal) => checkKey(scene, signal) },
  ];
}

const quota = z.object({ value: z.number() });
const ids = z.object({ ids: z.array(z.string()) });
const addresses = z.object({ allocationIds: z.array(z.string()) });
const groups = ids;
const shape = z.object({ defaultVcpus: z.number(), supportedArchitectures: z.array(z.string()) });
const running = z.object({ instanceType: z.string() });

/** A limit, what of it is used by anybody, what of that is ours already, and what we need in all. */
type Demand = {
  readonly about: "vCPUs" | "public addresses" | "networks" | "security groups" | "network interfaces";
  readonly service: string;
  readonly code: string;
  readonly need: number;
  readonly count: (signal: AbortSignal) => Promise<{ readonly used: number; readonly own: number }>;
};

async function checkQuotas(scene: Scene, signal: AbortSignal): Promise<Outcome> {
  const demands = await Promise.all(
    (await demandsOf(scene, signal)).map(async ({ about, service, code, need, count }) => {
      const token = "aws:servicequotas/getServiceQuota:getServiceQuota";
      const args = { serviceCode: service, quotaCode: code };
      const [{ value }, { used, own }] = await Promise.all([
        scene.functions.ask({ token, args, model: quota }, signal),
        count(signal),
      ]);
      return { about, lacking: need - own - (value - used) };
    }),
  );
  const short = demands.filter(({ lacking }) => lacking > 0);
  return short.length === 0
    ? pass(say`${demands.length} quotas leave room for what is declared`)
    : fail(list(short.map(({ about, lacking }) => say`${about}: ${lacking} too few`)));
}

async function demandsOf(scene: Scene, signal: AbortSignal): Promise<readonly Demand[]> {
  const { config, functions } = scene;
  const { guests } = config;
  const listed = (token: string, own: readonly string[]) => async (within: AbortSignal) => {
    const found = (await functions.ask({ token, args: {}, model: groups }, within)).ids;
    return { used: found.length, own: found.filter((id) => own.includes(id)).length };
  };
  const [vcpus, { ours, others }] = await Promise.all([
    vcpusOf(scene, config.shape, signal),
    countRunning(scene, signal),
  ]);
  const known = (names: readonly string[]) => names.flatMap((name) => scene.knownId(name) ?? []);
  const interfaces = async (within: AbortSignal) => {
    const { used } = await listed("aws:ec2/getNetworkInterfaces:getNetworkInterfaces", [])(within);
    // Each of our instances has one.
    return { used, own: ours };
  };
  return [
    {
      ...{ about: "vCPUs", service: "ec2", code: "L-1216C47A", need: vcpus * guests.length },
      count: async (within) => {
        const standard = others.filter(isStandard);
        const sizes = await Promise.all(standard.map((type) => vcpusOf(scene, type, within)));
        const used = sizes.reduce((sum, each) => sum + each, 0) + ours * vcpus;
        return { used, own: ours * vcpus };
      },
    },
    {
      ...{ about: "public addresses", service: "ec2", code: "L-0263D0A3", need: guests.length },
      count: async (within) => {
        const token = "aws:ec2/getEips:getEips";
        const found = (await functions.ask({ token, args: {}, model: addresses }, within)).allocationIds;
        const own = known(guests.map(({ name }) => `${name}-address`));
        return { used: found.length, own: found.filter((id) => own.includes(id)).length };
      },
    },
    {
      ...{ about: "networks", service: "vpc", code: "L-F678F1CE", need: 1 },
      count: listed("aws:ec2/getVpcs:getVpcs", known([logical.network])),
    },
    {
      ...{ about: "security groups", service: "vpc", code: "L-E79EC296", need: 1 },
      count: listed("aws:ec2/getSecurityGroups:getSecurityGroups", known([logical.security])),
    },
    {
      ...{ about: "network interfaces", service: "vpc", code: "L-DF5E4CA3", need: guests.length },
      count: interfaces,
    },
  ];
}

/** Instances on demand: how many are ours, and the types of all others. */
async function countRunning(scene: Scene, signal: AbortSignal) {
  const { functions, config } = scene;
  const token = "aws:ec2/getInstances:getInstances";
  const alive = { instanceStateNames: ["pending", "running"] };
  const listed = async (filters: readonly object[]) =>
    (await functions.ask({ token, args: { ...alive, filters }, model: ids }, signal)).ids;
  // Those of the spot market have a quota of their own.
  const spot = [{ name: "instance-lifecycle", values: ["spot"] }];
  const [all, elsewhere] = await Promise.all([listed([]), listed(spot)]);
  const own = config.guests.flatMap(({ name }) => scene.knownId(name) ?? []);
  const strange = all.filter((id) => !own.includes(id) && !elsewhere.includes(id));
  const others = await Promise.all(
    strange.map(async (instanceId) => {
      const token = "aws:ec2/getInstance:getInstance";
      const found = await functions.find({ token, args: { instanceId }, model: running }, signal);
      return found?.instanceType;
    }),
  );
  return { ours: all.filter((id) => own.includes(id)).length, others: others.flatMap((type) => type ?? []) };
}

async function vcpusOf({ functions }: Scene, instanceType: string, signal: AbortSignal): Promise<number> {
  const token = "aws:ec2/getInstanceType:getInstanceType";
  return (await functions.ask({ token, args: { instanceType }, model: shape }, signal)).defaultVcpus;
}

const image = z.object({
  id: z.string(),
  name: z.string(),
  ownerId: z.string(),
  architecture: z.string(),
  state: z.string(),
});

/** By its id alone, so that an image with another name or owner shows as that and not as absent. */
async function checkImage({ config, functions, seen }: Scene, signal: AbortSignal): Promise<Outcome> {
  const args = { filters: [{ name: "image-id", values: [config.image.id] }], includeDeprecated: true };
  const found = await functions.find({ token: "aws:ec2/getAmi:getAmi", args, model: image }, signal);
  if (found === undefined) return fail(say`there is no such image`);
  seen.note("image", found);
  const wrong = [
    found.id === config.image.id ? [] : say`id`,
    found.name === config.image.name ? [] : say`name`,
    found.ownerId === config.image.owner ? [] : say`owner`,
    found.architecture === config.image.architecture ? [] : say`architecture`,
    found.state === "available" ? [] : say`state`,
  ].flat();
  return wrong.length === 0
    ? pass(say`the image is available and the declared one`)
    : fail(say`the image differs in ${list(wrong)}`);
}

const offerings = z.object({ instanceTypes: z.array(z.string()), locations: z.array(z.string()) });

async function checkShape({ config, functions }: Scene, signal: AbortSignal): Promise<Outcome> {
  const token = "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings";
  const args = {
    locationType: "availability-zone",
    filters: [{ name: "instance-type", values: [config.shape] }],
  };
  const { locations } = await functions.ask({ token, args, model: offerings }, signal);
  if (!locations.includes(config.zone.name)) return fail(say`the instance type is not offered in the zone`);
  const type = { token: "aws:ec2/getInstanceType:getInstanceType", args: { instanceType: config.shape } };
  const { supportedArchitectures } = await functions.ask({ ...type, model: shape }, signal);
  return supportedArchitectures.includes(config.image.architecture)
    ? pass(say`the instance type is offered in the zone and runs the image`)
    : fail(say`the instance type does not run images of that architecture`);
}

const key = z.object({ publicKey: z.string().min(1), keyType: z.string() });

/** The text of the key: fingerprints are made in other ways for other kinds of keys. */
async function checkKey(scene: Scene, signal: AbortSignal): Promise<Outcome> {
  const args = { keyName: scene.idOf(logical.key), includePublicKey: true };
  const found = await scene.functions.find(
    { token: "aws:ec2/getKeyPair:getKeyPair", args, model: key },
    signal,
  );
  if (found === undefined) return fail(say`there is no such key pair`);
  const body = (line: string) => line.split(" ").slice(0, 2).join(" ");
  return body(found.publicKey) === publicKeyOf(scene.config.common.sshKey)
    ? pass(say`the key pair holds the declared key`)
    : fail(say`the key pair holds another key than the declared one`);
}
