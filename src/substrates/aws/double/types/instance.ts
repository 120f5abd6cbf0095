// `aws:ec2/instance:Instance`.
import type { InstanceState } from "@pulumi/aws/ec2/instance.js";
import { z } from "zod";
import { type Kind, type Plain, resourceOf } from "../../../bridged/resource.ts";
import { arnOf, newId } from "../account.ts";
import { ApiError, notFound } from "../errors.ts";
import { isFree } from "../lower.ts";
import { powerOff, powerOn } from "../power.ts";
import type { Account, Instance } from "../state.ts";
import { present, tagged, tags } from "./common.ts";

const inputs = z.object({
  ami: z.string(),
  instanceType: z.string(),
  subnetId: z.string(),
  privateIp: z.string(),
  associatePublicIpAddress: z.literal(false).default(false),
  vpcSecurityGroupIds: z.array(z.string()).min(1),
  keyName: z.string().optional(),
  sourceDestCheck: z.boolean().default(true),
  metadataOptions: z
    .strictObject({
      httpEndpoint: z.enum(["enabled", "disabled"]).default("enabled"),
      httpTokens: z.enum(["optional", "required"]).default("optional"),
      httpPutResponseHopLimit: z.number().int().min(1).max(64).default(1),
      httpProtocolIpv6: z.literal("disabled").optional(),
      instanceMetadataTags: z.enum(["enabled", "disabled"]).default("disabled"),
    })
    .prefault({}),
  rootBlockDevice: z
    .object({
      volumeSize: z.number().default(8),
      volumeType: z.string().default("gp3"),
      encrypted: z.boolean().default(false),
    })
    .prefault({}),
  userData: z.string().default(""),
  userDataReplaceOnChange: z.boolean().default(false),
  forceDestroy: z.literal(false).default(false),
  getPasswordData: z.literal(false).default(false),
  tags,
  volumeTags: tags,
});
type Inputs = z.output<typeof inputs>;

const kind: Kind<Account, typeof inputs> = {
  inputs,
  defaults: {
    forceDestroy: false,
    getPasswordData: false,
    sourceDestCheck: true,
    userDataReplaceOnChange: false,
  },
  computed: [
    ...["metadataOptions", "metadataOptions.httpProtocolIpv6", "rootBlockDevice", "volumeTags"],
    ...["deleteOnTermination", "deviceName", "iops", "throughput", "volumeId", "tagsAll"].map(
      (key) => `rootBlockDevice.${key}`,
    ),
  ],
  replaces: [
    ...["ami", "subnetId", "privateIp", "keyName", "associatePublicIpAddress", "rootBlockDevice.encrypted"],
    // As our declaration has it: userDataReplaceOnChange.
    "userData",
  ],
  sets: ["vpcSecurityGroupIds"],
  given: ["arn", "instanceState", "primaryNetworkInterfaceId", "privateDns"],
  create: launch,
  state: (account, id, olds) => stateOf(account, id, olds),
  update,
  remove: terminate,
  operations: {
    ...{ create: "RunInstances", read: "DescribeInstances" },
    ...{ update: "ModifyInstanceAttribute", remove: "TerminateInstances" },
  },
};

function launch(account: Account, wanted: Inputs): string {
  refuse(account, wanted);
  const id = newId(account, "i");
  const volume = newId(account, "vol");
  const { volumeSize: size, volumeType: type, encrypted } = wanted.rootBlockDevice;
  account.volumes.set(volume, {
    id: volume,
    size,
    type,
    encrypted,
    instance: id,
    tags: wanted.volumeTags ?? {},
  });
  const instance: Instance = {
    ...{ id, volume, eni: newId(account, "eni"), mac: macOf(account) },
    ...{ subnet: wanted.subnetId, image: wanted.ami, address: wanted.privateIp, key: wanted.keyName },
    ...{ shape: wanted.instanceType, state: "running", groups: wanted.vpcSecurityGroupIds },
    ...{ guarded: wanted.sourceDestCheck, metadata: metadataIn(wanted), userData: wanted.userData },
    ...{ launchedAt: account.world.now(), tags: wanted.tags ?? {} },
  };
  account.instances.set(id, instance);
  powerOn(account, instance);
  return id;
}

function refuse(account: Account, wanted: Inputs): void {
  const no = (code: string, text: string) => new ApiError("RunInstances", { code, text });
  const { ami, instanceType, subnetId, keyName, privateIp } = wanted;
  const subnet = present(account.subnets.get(subnetId), () =>
    notFound("RunInstances", "InvalidSubnetID.NotFound", subnetId),
  );
  if (!account.images.some(({ id, state }) => id === ami && state === "available"))
    throw no("InvalidAMIID.NotFound", `The image id '[${ami}]' does not exist`);
  if (!account.zones.some(({ name, shapes }) => name === subnet.zone && shapes.includes(instanceType)))
    throw no(
      "Unsupported",
      `Your requested instance type (${instanceType}) is not supported in ${subnet.zone}.`,
    );
  if (keyName !== undefined && !account.keys.has(keyName))
    throw no("InvalidKeyPair.NotFound", `The key pair '${keyName}' does not exist`);
  const group = wanted.vpcSecurityGroupIds.find((id) => account.groups.get(id)?.vpc !== subnet.vpc);
  if (group !== undefined) throw no("InvalidGroup.NotFound", `The security group '${group}' does not exist`);
  if (!isFree(account, subnet, privateIp))
    throw no("InvalidIPAddress.InUse", `Address ${privateIp} is in use.`);
  if (Buffer.byteLength(wanted.userData) > 16_384)
    throw no("InvalidParameterValue", "User data is limited to 16384 bytes");
  if (vcpusOf(account, instanceType) + usedVcpus(account) > quotaOf(account))
    throw no("VcpuLimitExceeded", "You have requested more vCPU capacity than your current vCPU limit.");
}

/** Of instances that run. */
function usedVcpus(account: Account): number {
  const running = [...account.instances.values()].filter(({ state }) => state === "running");
  return running.reduce((sum, { shape }) => sum + vcpusOf(account, shape), 0);
}

function vcpusOf({ shapes }: Account, name: string): number {
  return shapes.find((shape) => shape.name === name)?.vcpus ?? 0;
}

function quotaOf({ quotas }: Account): number {
  return quotas.find(({ code }) => code === "L-1216C47A")?.value ?? 0;
}

function macOf({ issued }: Account): string {
  const bytes = [issued >> 16, issued >> 8, issued].map((byte) => (byte & 255).toString(16).padStart(2, "0"));
  return `02:00:5e:${bytes.join(":")}`;
}

function metadataIn({ metadataOptions: { httpProtocolIpv6: _, ...options } }: Inputs): Instance["metadata"] {
  return options;
}

function stateOf(
  account: Account,
  id: string,
  olds: Readonly<Record<string, unknown>>,
): Plain<InstanceState> | undefined {
  const instance = account.instances.get(id);
  if (instance === undefined || instance.state === "terminated") return undefined;
  const volume = account.volumes.get(instance.volume);
  const zone = account.subnets.get(instance.subnet)?.zone;
  const address = [...account.addresses.values()].find(({ association }) => association?.instance === id);
  return {
    ami: instance.image,
    arn: arnOf(account, "instance", id),
    associatePublicIpAddress: false,
    ...(zone !== undefined && { availabilityZone: zone }),
    disableApiTermination: false,
    ebsOptimized: false,
    // Only in the state: nothing tells them.
    forceDestroy: false,
    getPasswordData: false,
    userDataReplaceOnChange: olds.userDataReplaceOnChange === true,
    hibernation: false,
    instanceInitiatedShutdownBehavior: "stop",
    instanceState: instance.state,
    instanceType: instance.shape,
    ...(instance.key !== undefined && { keyName: instance.key }),
    metadataOptions: { ...instance.metadata, httpProtocolIpv6: "disabled" },
    monitoring: false,
    primaryNetworkInterfaceId: instance.eni,
    privateDns: `ip-${instance.address.replaceAll(".", "-")}.${account.region}.compute.internal`,
    privateIp: instance.address,
    publicIp: address?.ip ?? "",
    region: account.region,
    rootBlockDevice: {
      ...{ deleteOnTermination: true, deviceName: "/dev/sda1", iops: 3000, throughput: 125 },
      ...{ volumeId: instance.volume, volumeSize: volume?.size ?? 0, volumeType: volume?.type ?? "" },
      encrypted: volume?.encrypted ?? false,
    },
    sourceDestCheck: instance.guarded,
    subnetId: instance.subnet,
    tenancy: "default",
    userData: instance.userData,
    volumeTags: { ...volume?.tags },
    vpcSecurityGroupIds: [...instance.groups],
    ...tagged(instance.tags),
  };
}

/** Type and user data are changed between a stop and a start, which the provider does by itself. */
function update(account: Account, id: string, wanted: Inputs): void {
  const instance = account.instances.get(id);
  if (instance === undefined || instance.state === "terminated")
    throw notFound("ModifyInstanceAttribute", "InvalidInstanceID.NotFound", id);
  instance.groups = wanted.vpcSecurityGroupIds;
  instance.guarded = wanted.sourceDestCheck;
  instance.metadata = metadataIn(wanted);
  instance.tags = wanted.tags ?? {};
  const volume = account.volumes.get(instance.volume);
  if (volume !== undefined) volume.tags = wanted.volumeTags ?? {};
  if (instance.shape === wanted.instanceType && instance.userData === wanted.userData) return;
  powerOff(account, instance);
  instance.shape = wanted.instanceType;
  instance.userData = wanted.userData;
  powerOn(account, instance);
}

/** Its disk goes with it, and its public address is free again. It stays listed for about an hour. */
function terminate(account: Account, id: string): void {
  const instance = account.instances.get(id);
  if (instance === undefined) return;
  powerOff(account, instance);
  instance.state = "terminated";
  account.volumes.delete(instance.volume);
  for (const address of account.addresses.values())
    if (address.association?.instance === id) delete address.association;
}

/** The type's double. */
export const instance = resourceOf(kind);
