// `oci:Core/instance:Instance`.
import type { InstanceState } from "@pulumi/oci/core/instance.js";
import { z } from "zod";
import { type Kind, type Plain, resourceOf } from "../../../bridged/resource.ts";
import type { Properties } from "../../../double.ts";
import { ApiError, exceeded, invalid, present } from "../errors.ts";
import { isFree } from "../lower.ts";
import { powerOff, powerOn } from "../power.ts";
import type { Instance, Tenancy, Vnic } from "../state.ts";
import { newId } from "../tenancy.ts";
import { about, aboutComputed, newThing, operationsOf, rename, toldOf } from "./common.ts";

const inputs = z.object({
  ...about,
  availabilityDomain: z.string(),
  faultDomain: z.string().default("FAULT-DOMAIN-1"),
  shape: z.string(),
  shapeConfig: z.object({ ocpus: z.number(), memoryInGbs: z.number() }),
  sourceDetails: z.object({
    sourceType: z.literal("image"),
    sourceId: z.string(),
    bootVolumeSizeInGbs: z.string().default("50"),
  }),
  createVnicDetails: z.object({
    subnetId: z.string(),
    privateIp: z.string(),
    assignPublicIp: z.literal("false"),
    skipSourceDestCheck: z.boolean().default(false),
    displayName: z.string().optional(),
    freeformTags: about.freeformTags,
  }),
  metadata: z.record(z.string(), z.string()).default({}),
  instanceOptions: z.object({ areLegacyImdsEndpointsDisabled: z.boolean().default(false) }).prefault({}),
  preserveBootVolume: z.literal(false).default(false),
  state: z.enum(["RUNNING", "STOPPED"]).default("RUNNING"),
});
type Inputs = z.output<typeof inputs>;

const kind: Kind<Tenancy, typeof inputs> = {
  inputs,
  defaults: {},
  computed: [
    ...[...aboutComputed, "faultDomain", "metadata", "instanceOptions", "preserveBootVolume", "state"],
    ...["definedTags", "displayName", "freeformTags", "nsgIds", "skipSourceDestCheck"].map(
      (key) => `createVnicDetails.${key}`,
    ),
    ...["bootVolumeVpusPerGb", "bootVolumeSizeInGbs"].map((key) => `sourceDetails.${key}`),
  ],
  replaces: ["availabilityDomain", "createVnicDetails.subnetId", "createVnicDetails.privateIp"],
  given: ["bootVolumeId", "privateIp", "publicIp", "region", "timeCreated", "launchMode"],
  create: launch,
  state: stateOf,
  update,
  remove: terminate,
  operations: operationsOf("Instance", "Launch", "Terminate"),
};

function launch(tenancy: Tenancy, wanted: Inputs): string {
  refuse(tenancy, wanted);
  const thing = newThing(tenancy, "instance", wanted);
  const { bootVolumeSizeInGbs, sourceId: image } = wanted.sourceDetails;
  const boot = { compartmentId: wanted.compartmentId, displayName: `${thing.title} (Boot Volume)` };
  const volume = newThing(tenancy, "bootvolume", boot);
  const domain = wanted.availabilityDomain;
  tenancy.volumes.set(volume.id, { ...volume, size: Number(bootVolumeSizeInGbs), boot: true, domain });
  const instance: Instance = {
    ...{ ...thing, domain, faultDomain: wanted.faultDomain, image, metadata: wanted.metadata },
    ...{ vnic: vnicOf(tenancy, wanted), volume: volume.id, shape: wanted.shape, state: "RUNNING" },
    ...{ ocpus: wanted.shapeConfig.ocpus, memory: wanted.shapeConfig.memoryInGbs },
    legacyOff: wanted.instanceOptions.areLegacyImdsEndpointsDisabled,
  };
  tenancy.instances.set(thing.id, instance);
  powerOn(tenancy, instance);
  return thing.id;
}

function vnicOf(tenancy: Tenancy, { createVnicDetails: wanted, displayName = "" }: Inputs): Vnic {
  const { subnetId: subnet, privateIp: address, skipSourceDestCheck: unguarded } = wanted;
  const { displayName: title = displayName, freeformTags: tags = {} } = wanted;
  return {
    ...{ id: newId(tenancy, "vnic"), attachment: newId(tenancy, "vnicattachment"), mac: macOf(tenancy) },
    ...{ subnet, address, privateIp: newId(tenancy, "privateip"), unguarded, title, tags },
  };
}

function macOf({ issued }: Tenancy): string {
  return `02:00:17:00:${[issued >> 8, issued].map((byte) => (byte & 255).toString(16).padStart(2, "0")).join(":")}`;
}

function refuse(tenancy: Tenancy, wanted: Inputs): void {
  const operation = "LaunchInstance";
  const { sourceDetails, createVnicDetails, shape, shapeConfig, metadata } = wanted;
  const subnet = present(tenancy.subnets.get(createVnicDetails.subnetId), operation);
  const image = present(
    tenancy.images.find(({ id, state }) => id === sourceDetails.sourceId && state === "AVAILABLE"),
    operation,
  );
  const domain = tenancy.domains.find(({ name }) => name === wanted.availabilityDomain);
  if (domain === undefined)
    throw invalid(operation, `Invalid availabilityDomain ${wanted.availabilityDomain}`);
  const offered = tenancy.shapes.find(({ name }) => name === shape && domain.shapes.includes(name));
  if (offered === undefined || !image.shapes.includes(shape))
    throw invalid(operation, `Shape ${shape} is not valid for image ${image.id}.`);
  if (!isFree(tenancy, subnet, createVnicDetails.privateIp))
    throw invalid(operation, `Private IP address ${createVnicDetails.privateIp} is not available`);
  if (Buffer.byteLength(JSON.stringify(metadata)) > 32_000)
    throw invalid(operation, "The metadata is larger than 32000 bytes");
  const needed = { "-core-": shapeConfig.ocpus, "-memory-": shapeConfig.memoryInGbs };
  for (const [part, more] of Object.entries(needed)) {
    const limit = tenancy.limits.find(({ name }) => name.includes(part));
    if (limit !== undefined && limit.used(tenancy) + more > limit.value)
      throw exceeded(operation, limit.name);
  }
}

function stateOf(tenancy: Tenancy, id: string, olds: Properties): Plain<InstanceState> | undefined {
  const instance = tenancy.instances.get(id);
  if (instance === undefined || instance.state === "TERMINATED") return undefined;
  const { vnic } = instance;
  const address = [...tenancy.addresses.values()].find(({ privateIp }) => privateIp === vnic.privateIp);
  return {
    ...toldOf(instance),
    availabilityDomain: instance.domain,
    bootVolumeId: instance.volume,
    createVnicDetails: {
      // Not part of what is read: the state says what was declared.
      assignPublicIp: "false",
      ...{ definedTags: {}, displayName: vnic.title, freeformTags: { ...vnic.tags }, nsgIds: [] },
      ...{ privateIp: vnic.address, skipSourceDestCheck: vnic.unguarded, subnetId: vnic.subnet },
    },
    faultDomain: instance.faultDomain,
    image: instance.image,
    instanceOptions: { areLegacyImdsEndpointsDisabled: instance.legacyOff },
    launchMode: "PARAVIRTUALIZED",
    metadata: { ...instance.metadata },
    ...(olds.preserveBootVolume === false && { preserveBootVolume: false }),
    privateIp: vnic.address,
    publicIp: address?.ip ?? "",
    region: tenancy.region,
    shape: instance.shape,
    shapeConfig: { memoryInGbs: instance.memory, ocpus: instance.ocpus },
    sourceDetails: {
      bootVolumeSizeInGbs: `${tenancy.volumes.get(instance.volume)?.size ?? 0}`,
      sourceId: instance.image,
      sourceType: "image",
    },
    state: instance.state,
    subnetId: vnic.subnet,
  };
}

/** The shape is changed between a stop and a start, which the service does by itself. */
function update(tenancy: Tenancy, id: string, wanted: Inputs): void {
  const instance = tenancy.instances.get(id);
  if (instance === undefined || instance.state === "TERMINATED")
    throw present<never>(undefined, "UpdateInstance");
  refuseMetadata(instance, wanted);
  rename(instance, wanted);
  const { vnic } = instance;
  const {
    skipSourceDestCheck,
    displayName = vnic.title,
    freeformTags = vnic.tags,
  } = wanted.createVnicDetails;
  Object.assign(vnic, { unguarded: skipSourceDestCheck, title: displayName, tags: freeformTags });
  instance.legacyOff = wanted.instanceOptions.areLegacyImdsEndpointsDisabled;
  const { ocpus, memoryInGbs: memory } = wanted.shapeConfig;
  const same = instance.shape === wanted.shape && instance.ocpus === ocpus && instance.memory === memory;
  if (same && instance.state === wanted.state) return;
  if (instance.state === "RUNNING") powerOff(tenancy, instance);
  Object.assign(instance, { shape: wanted.shape, ocpus, memory, state: "STOPPED" });
  if (wanted.state === "RUNNING") powerOn(tenancy, instance);
}

/** What cloud-init reads can not be changed after the launch (OCI API, UpdateInstanceDetails). */
function refuseMetadata({ metadata }: Instance, wanted: Inputs): void {
  const changed = ["user_data", "ssh_authorized_keys"].find((key) => metadata[key] !== wanted.metadata[key]);
  if (changed !== undefined)
    throw new ApiError("UpdateInstance", {
      ...{ status: 400, code: "InvalidParameter" },
      text: `Cannot update ${changed} in the instance's metadata`,
    });
}

/** Its boot volume goes with it, and its public address is free again. It stays listed for half a day. */
function terminate(tenancy: Tenancy, id: string): void {
  const instance = tenancy.instances.get(id);
  if (instance === undefined) return;
  powerOff(tenancy, instance);
  instance.state = "TERMINATED";
  tenancy.volumes.delete(instance.volume);
  for (const address of tenancy.addresses.values())
    if (address.privateIp === instance.vnic.privateIp) delete address.privateIp;
}

/** The type's double. */
export const instance = resourceOf(kind);
