// Functions about images, keys, instances and what belongs to them.
import type { GetEbsVolumesResult } from "@pulumi/aws/ebs/getEbsVolumes.js";
import type { GetAmiResult } from "@pulumi/aws/ec2/getAmi.js";
import type { GetInstanceResult } from "@pulumi/aws/ec2/getInstance.js";
import type { GetInstancesResult } from "@pulumi/aws/ec2/getInstances.js";
import type { GetKeyPairResult } from "@pulumi/aws/ec2/getKeyPair.js";
import { z } from "zod";
import type { Answer } from "../../../bridged/functions.ts";
import type { Properties } from "../../../double.ts";
import { arnOf } from "../account.ts";
import type { Api } from "../gateway.ts";
import type { Account, Image, Instance, Volume } from "../state.ts";
import { fingerprintOf } from "../types/security.ts";
import { functionOf, matching, only, search } from "./answer.ts";

const imageFacets = {
  "image-id": ({ id }: Image) => id,
  name: ({ name }: Image) => name,
  architecture: ({ architecture }: Image) => architecture,
  state: ({ state }: Image) => state,
};

const instanceFacets = (account: Account) => ({
  "vpc-id": ({ subnet }: Instance) => account.subnets.get(subnet)?.vpc,
  "subnet-id": ({ subnet }: Instance) => subnet,
  // The lab has no spot market.
  "instance-lifecycle": () => undefined,
});

const volumeFacets = {
  "attachment.instance-id": ({ instance }: Volume) => instance,
  "volume-id": ({ id }: Volume) => id,
};

/** By token. */
export const computeFunctions: Readonly<Record<string, Answer<Api>>> = {
  "aws:ec2/getAmi:getAmi": functionOf(
    "DescribeImages",
    z.object({
      owners: z.array(z.string()).optional(),
      filters: search.filters,
      includeDeprecated: z.boolean().optional(),
      region: search.region,
    }),
    ({ account }, { owners, filters }): Partial<GetAmiResult> & Properties => {
      const known = account.images.map((image) => ({ ...image, tags: {} }));
      const listed = known.filter(({ state }) => state !== "deregistered");
      const found = matching(listed, { filters }, imageFacets).filter(
        ({ owner }) => owners?.includes(owner) ?? true,
      );
      const [image, ...rest] = found;
      if (image === undefined)
        throw new Error("Your query returned no results. Please change your search criteria and try again.");
      if (rest.length > 0)
        throw new Error(
          "Your query returned more than one result. Please try a more specific search criteria.",
        );
      return {
        ...{
          id: image.id,
          imageId: image.id,
          name: image.name,
          ownerId: image.owner,
          region: account.region,
        },
        ...{ architecture: image.architecture, state: image.state, creationDate: image.createdAt },
        ...{ arn: `arn:aws:ec2:${account.region}::image/${image.id}`, virtualizationType: "hvm" },
        ...{ deprecationTime: "", imdsSupport: "v2.0", bootMode: "uefi-preferred", rootDeviceType: "ebs" },
      };
    },
  ),
  "aws:ec2/getKeyPair:getKeyPair": functionOf(
    "DescribeKeyPairs",
    z.object({ keyName: z.string(), includePublicKey: z.boolean().default(false), region: search.region }),
    ({ account }, { keyName, includePublicKey }): GetKeyPairResult & Properties => {
      const key = only(
        [...account.keys.values()].filter(({ name }) => name === keyName),
        "EC2 Key Pair",
      );
      return {
        ...{ id: key.id, keyPairId: key.id, keyName, keyType: "ed25519", region: account.region },
        ...{ arn: arnOf(account, "key-pair", keyName), createTime: new Date(key.createdAt).toISOString() },
        fingerprint: fingerprintOf(key.publicKey),
        includePublicKey,
        publicKey: includePublicKey ? key.publicKey : "",
        tags: { ...key.tags },
      };
    },
  ),
  "aws:ec2/getInstance:getInstance": functionOf(
    "DescribeInstances",
    z.object({ instanceId: z.string(), getUserData: z.boolean().default(false), region: search.region }),
    ({ account }, { instanceId, getUserData }): Partial<GetInstanceResult> & Properties => {
      const instance = account.instances.get(instanceId);
      // The data source leaves out those that are gone, which EC2 lists for an hour.
      if (instance === undefined || instance.state === "terminated")
        throw new Error("Your query returned no results. Please change your search criteria and try again.");
      return toldOf(account, instance, getUserData);
    },
  ),
  "aws:ec2/getInstances:getInstances": functionOf(
    "DescribeInstances",
    z.object({
      instanceTags: search.tags,
      filters: search.filters,
      instanceStateNames: z.array(z.string()).default(["running"]),
      region: search.region,
    }),
    ({ account }, { instanceTags, filters, instanceStateNames }): GetInstancesResult & Properties => {
      const found = matching(
        account.instances.values(),
        { filters, tags: instanceTags },
        instanceFacets(account),
      ).filter(({ state }) => instanceStateNames.includes(state));
      return {
        ...{ id: account.region, region: account.region, instanceTags: { ...instanceTags } },
        ids: found.map(({ id }) => id),
        privateIps: found.map(({ address }) => address),
        publicIps: [],
        ipv6Addresses: [],
      };
    },
  ),
  "aws:ebs/getEbsVolumes:getEbsVolumes": functionOf(
    "DescribeVolumes",
    z.object(search),
    ({ account }, args): GetEbsVolumesResult & Properties => ({
      ...{ id: account.region, region: account.region },
      ids: matching(account.volumes.values(), args, volumeFacets).map(({ id }) => id),
    }),
  ),
};

function toldOf(
  account: Account,
  instance: Instance,
  getUserData: boolean,
): Partial<GetInstanceResult> & Properties {
  const address = [...account.addresses.values()].find(
    ({ association }) => association?.instance === instance.id,
  );
  return {
    ...{ id: instance.id, instanceId: instance.id, arn: arnOf(account, "instance", instance.id) },
    ...{ ami: instance.image, instanceType: instance.shape, instanceState: instance.state },
    ...{ keyName: instance.key ?? "", subnetId: instance.subnet, privateIp: instance.address },
    ...{ publicIp: address?.ip ?? "", associatePublicIpAddress: address !== undefined },
    ...{ networkInterfaceId: instance.eni, vpcSecurityGroupIds: [...instance.groups] },
    ...{ sourceDestCheck: instance.guarded, region: account.region, getUserData },
    availabilityZone: account.subnets.get(instance.subnet)?.zone ?? "",
    launchTime: new Date(instance.launchedAt).toISOString(),
    metadataOptions: [{ ...instance.metadata, httpProtocolIpv6: "disabled" }],
    userData: "",
    userDataBase64: getUserData ? Buffer.from(instance.userData).toString("base64") : "",
    tags: { ...instance.tags },
  };
}
