// Policies' view of OCI resources: tags, sizes and metadata of instances, what security lists let in, and the VCN.
import { z } from "zod";
import { cloudPolicy, tagsOf } from "../cloud/policy.ts";
import type { Declaring, Facts, Opening, SubstratePolicy } from "../policy.ts";
import type { OciConfig } from "./config.ts";
import { runTag } from "./names.ts";

const types = {
  vcn: "oci:Core/vcn:Vcn",
  gateway: "oci:Core/internetGateway:InternetGateway",
  routes: "oci:Core/routeTable:RouteTable",
  security: "oci:Core/securityList:SecurityList",
  subnet: "oci:Core/subnet:Subnet",
  instance: "oci:Core/instance:Instance",
  address: "oci:Core/publicIp:PublicIp",
} as const;

/** The policies' view of a configured substrate. */
export function policyOf(config: OciConfig): SubstratePolicy {
  const { instance, address, ...once } = types;
  return cloudPolicy(config, {
    once: Object.values(once),
    perGuest: [instance, address],
    credential: config.privateKey,
    factsOf: (resource) => factsOf(config, resource),
  });
}

function factsOf({ network }: OciConfig, { type, props }: Declaring): Facts {
  const adopted = network.adopt !== undefined && (type === types.vcn || type === types.gateway);
  return {
    ...(adopted ? {} : { tags: tagsOf(props.freeformTags, runTag) }),
    ...(type === types.vcn ? { foundation: true } : {}),
    ...(type === types.security ? { openings: openingsOf(props) } : {}),
    ...(type === types.address ? { costs: { addresses: 1 } } : {}),
    ...(type === types.instance ? factsOfInstance(props) : {}),
  };
}

const port = z.coerce.number().int();
const list = z.object({
  ingressSecurityRules: z
    .array(
      z.object({
        protocol: z.string(),
        source: z.string(),
        tcpOptions: z.object({ min: port, max: port }).optional(),
      }),
    )
    .default([]),
});

/** Protocols by IANA's numbers; TCP without options is all its ports (OCI API, IngressSecurityRule). */
function openingsOf(props: Declaring["props"]): readonly Opening[] {
  const rules = list
    .parse(props)
    .ingressSecurityRules.filter(({ protocol }) => ["6", "all"].includes(protocol));
  return rules.map(({ source, tcpOptions }) => ({
    from: source,
    ports: tcpOptions === undefined ? undefined : [tcpOptions.min, tcpOptions.max],
  }));
}

const instance = z.object({
  shape: z.string(),
  shapeConfig: z.object({ ocpus: z.number(), memoryInGbs: z.number() }),
  sourceDetails: z.object({ bootVolumeSizeInGbs: z.coerce.number().default(50) }),
  metadata: z.object({ user_data: z.string().default("") }).prefault({}),
});

function factsOfInstance(props: Declaring["props"]): Facts {
  const { shape, shapeConfig, sourceDetails, metadata } = instance.parse(props);
  const { ocpus: cores, memoryInGbs: memory } = shapeConfig;
  const userData = Buffer.from(metadata.user_data, "base64").toString("utf8");
  return { shape, costs: { machines: 1, cores, memory, disk: sourceDetails.bootVolumeSizeInGbs }, userData };
}
