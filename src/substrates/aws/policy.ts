// Policies' view of AWS resources: tags, sizes and user data of instances, what security groups let in, and the VPC.
import { z } from "zod";
import { cloudPolicy, tagsOf } from "../cloud/policy.ts";
import type { Declaring, Facts, Opening, SubstratePolicy } from "../policy.ts";
import type { AwsConfig } from "./config.ts";
import { runTag } from "./names.ts";

const types = {
  vpc: "aws:ec2/vpc:Vpc",
  gateway: "aws:ec2/internetGateway:InternetGateway",
  subnet: "aws:ec2/subnet:Subnet",
  routes: "aws:ec2/routeTable:RouteTable",
  association: "aws:ec2/routeTableAssociation:RouteTableAssociation",
  security: "aws:ec2/securityGroup:SecurityGroup",
  key: "aws:ec2/keyPair:KeyPair",
  instance: "aws:ec2/instance:Instance",
  address: "aws:ec2/eip:Eip",
} as const;

/** The policies' view of a configured substrate. */
export function policyOf(config: AwsConfig): SubstratePolicy {
  const { instance, address, ...once } = types;
  return cloudPolicy(config, {
    once: Object.values(once),
    perGuest: [instance, address],
    credential: config.secretKey,
    factsOf: (resource) => factsOf(config, resource),
  });
}

function factsOf({ network }: AwsConfig, { type, props }: Declaring): Facts {
  const adopted = network.adopt !== undefined && (type === types.vpc || type === types.gateway);
  return {
    ...(adopted || type === types.association ? {} : { tags: tagsOf(props.tags, runTag) }),
    ...(type === types.vpc ? { foundation: true } : {}),
    ...(type === types.security ? { openings: group.parse(props).ingress.flatMap(openingsOf) } : {}),
    ...(type === types.address ? { costs: { addresses: 1 } } : {}),
    ...(type === types.instance ? factsOfInstance(props) : {}),
  };
}

const port = z.coerce.number().int();
const ingress = z.object({
  protocol: z.string(),
  fromPort: port,
  toPort: port,
  cidrBlocks: z.array(z.string()).default([]),
  ipv6CidrBlocks: z.array(z.string()).default([]),
});
const group = z.object({ ingress: z.array(ingress).default([]) });

/** Protocols by name or number; -1 is all of them, with all ports (EC2 API, IpPermission). */
function openingsOf({ protocol, fromPort, toPort, ...rule }: z.infer<typeof ingress>): readonly Opening[] {
  if (!["tcp", "6", "-1", "all"].includes(protocol)) return [];
  const ports = protocol === "tcp" || protocol === "6" ? ([fromPort, toPort] as const) : undefined;
  return [...rule.cidrBlocks, ...rule.ipv6CidrBlocks].map((from) => ({ from, ports }));
}

const disk = z.object({ volumeSize: z.number().default(8) });
const instance = z.object({
  instanceType: z.string(),
  rootBlockDevice: disk.prefault({}),
  ebsBlockDevices: z.array(disk).default([]),
  userData: z.string().default(""),
  userDataBase64: z.string().default(""),
});

function factsOfInstance(props: Declaring["props"]): Facts {
  const { instanceType: shape, rootBlockDevice, ebsBlockDevices, ...told } = instance.parse(props);
  const gigabytes = [rootBlockDevice, ...ebsBlockDevices].reduce(
    (sum, { volumeSize }) => sum + volumeSize,
    0,
  );
  const userData = told.userData + Buffer.from(told.userDataBase64, "base64").toString("utf8");
  return { shape, costs: { machines: 1, disk: gigabytes }, userData };
}
