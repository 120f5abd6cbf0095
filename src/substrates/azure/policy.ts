// Policies' view of Azure resources: tags, sizes and custom data of machines, what security groups let in, and foundations.
import { z } from "zod";
import { cloudPolicy, tagsOf } from "../cloud/policy.ts";
import type { Declaring, Facts, Opening, SubstratePolicy } from "../policy.ts";
import type { AzureConfig } from "./config.ts";
import { runTag } from "./names.ts";

const types = {
  group: "azure-native:resources:ResourceGroup",
  network: "azure-native:network:VirtualNetwork",
  subnet: "azure-native:network:Subnet",
  routes: "azure-native:network:RouteTable",
  security: "azure-native:network:NetworkSecurityGroup",
  key: "azure-native:compute:SshPublicKey",
  machine: "azure-native:compute:VirtualMachine",
  nic: "azure-native:network:NetworkInterface",
  address: "azure-native:network:PublicIPAddress",
} as const;

/** The policies' view of a configured substrate. */
export function policyOf(config: AzureConfig): SubstratePolicy {
  const { machine, nic, address, ...once } = types;
  return cloudPolicy(config, {
    once: Object.values(once),
    perGuest: [machine, nic, address],
    credential: config.clientSecret,
    factsOf: (resource) => factsOf(config, resource),
  });
}

function factsOf({ network }: AzureConfig, { type, props }: Declaring): Facts {
  const adopted = network.adopt !== undefined && type === types.network;
  return {
    // Subnets take no tags.
    ...(adopted || type === types.subnet ? {} : { tags: tagsOf(props.tags, runTag) }),
    ...(type === types.group || type === types.network ? { foundation: true } : {}),
    ...(type === types.security ? { openings: openingsOf(props) } : {}),
    ...(type === types.address ? { costs: { addresses: 1 } } : {}),
    ...(type === types.machine ? factsOfMachine(props) : {}),
  };
}

const group = z.object({
  securityRules: z
    .array(
      z.object({
        access: z.string(),
        direction: z.string(),
        protocol: z.string(),
        sourceAddressPrefix: z.string().optional(),
        sourceAddressPrefixes: z.array(z.string()).default([]),
        destinationPortRange: z.string().optional(),
        destinationPortRanges: z.array(z.string()).default([]),
      }),
    )
    .default([]),
});

/** A rule that shuts something takes nothing away from one that opens it: each opening is judged by itself. */
function openingsOf(props: Declaring["props"]): readonly Opening[] {
  const rules = group
    .parse(props)
    .securityRules.filter(
      ({ access, direction, protocol }) =>
        access === "Allow" && direction === "Inbound" && ["*", "tcp"].includes(protocol.toLowerCase()),
    );
  return rules.flatMap((rule) => {
    const sources = [rule.sourceAddressPrefix ?? [], rule.sourceAddressPrefixes].flat();
    const ranges = [rule.destinationPortRange ?? [], rule.destinationPortRanges].flat();
    return sources.flatMap((from) => ranges.map((range) => ({ from: placeOf(from), ports: portsOf(range) })));
  });
}

/** `*` and the tag `Internet` are anywhere (Azure docs, "Virtual network service tags"). */
function placeOf(prefix: string): string | undefined {
  return ["*", "internet", "any"].includes(prefix.toLowerCase()) ? undefined : prefix;
}

/** `*`, `22` or `22-80` */
function portsOf(range: string): Opening["ports"] {
  if (range === "*") return undefined;
  const [first = "", last = first] = range.split("-");
  return [Number(first), Number(last)];
}

const sized = z.object({ diskSizeGB: z.number().default(30) });
const machine = z.object({
  hardwareProfile: z.object({ vmSize: z.string() }),
  storageProfile: z.object({ osDisk: sized, dataDisks: z.array(sized).default([]) }),
  osProfile: z.object({ customData: z.string().default("") }).prefault({}),
  userData: z.string().default(""),
});

function factsOfMachine(props: Declaring["props"]): Facts {
  const { hardwareProfile, storageProfile, osProfile, userData } = machine.parse(props);
  const disks = [storageProfile.osDisk, ...storageProfile.dataDisks];
  const told = [osProfile.customData, userData].map((text) => Buffer.from(text, "base64").toString("utf8"));
  return {
    shape: hardwareProfile.vmSize,
    costs: { machines: 1, disk: disks.reduce((sum, { diskSizeGB }) => sum + diskSizeGB, 0) },
    userData: told.join("\n"),
  };
}
