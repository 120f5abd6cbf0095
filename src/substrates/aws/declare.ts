// Declares the AWS substrate: a network with a way to the internet, one security group, and guests with public addresses.
import { Eip } from "@pulumi/aws/ec2/eip.js";
import { Instance } from "@pulumi/aws/ec2/instance.js";
import { InternetGateway } from "@pulumi/aws/ec2/internetGateway.js";
import { KeyPair } from "@pulumi/aws/ec2/keyPair.js";
import { RouteTable } from "@pulumi/aws/ec2/routeTable.js";
import { RouteTableAssociation } from "@pulumi/aws/ec2/routeTableAssociation.js";
import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup.js";
import { Subnet } from "@pulumi/aws/ec2/subnet.js";
import { Vpc } from "@pulumi/aws/ec2/vpc.js";
import { Provider } from "@pulumi/aws/provider.js";
import * as pulumi from "@pulumi/pulumi";
import type { Run } from "../../environment/run.ts";
import { publicKeyOf } from "../../probes/key.ts";
import type { CloudGuest } from "../cloud/topology.ts";
import { userDataOf } from "../cloud/userdata.ts";
import type { Declared } from "../substrate.ts";
import type { AwsConfig } from "./config.ts";
import { addressNameOf, logical, tagsOf, titleOf } from "./names.ts";
import { egress, ingressOf } from "./rules.ts";

/** Declares everything that the config expects, tagged with the run. Only inside an engine program. */
export function declareAws(config: AwsConfig, run: Run): Declared {
  const provider = declareProvider(config);
  const parts = { config, provider, tags: (name: string) => tagsOf(config, run, name) };
  const network = declareNetwork(parts);
  const security = declareSecurity(parts, network);
  const key = new KeyPair(
    logical.key,
    {
      keyName: titleOf(config, logical.key),
      publicKey: publicKeyOf(config.common.sshKey),
      tags: parts.tags(logical.key),
    },
    { provider, deleteBeforeReplace: true },
  );
  const addresses = config.guests.map((guest) => {
    const address = declareGuest(parts, guest, { ...network, security, key });
    return [guest.name, address.publicIp] as const;
  });
  return {
    invoke: (token, args) => pulumi.runtime.invoke(token, { ...args }, { provider }),
    addresses: Object.fromEntries(addresses),
  };
}

type Parts = {
  readonly config: AwsConfig;
  readonly provider: Provider;
  readonly tags: (name: string) => Record<string, string>;
};

/** It refuses to work in any other account. */
function declareProvider({ account, region, accessKey, secretKey }: AwsConfig): Provider {
  return new Provider("aws", {
    region,
    allowedAccountIds: [account],
    ...(accessKey === undefined ? {} : { accessKey: pulumi.secret(accessKey) }),
    ...(secretKey === undefined ? {} : { secretKey: pulumi.secret(secretKey.reveal()) }),
  });
}

type Network = { readonly vpc: Vpc; readonly subnet: Subnet; readonly ready: readonly pulumi.Resource[] };

function declareNetwork({ config, provider, tags }: Parts): Network {
  const { network, zone } = config;
  // What was there before us keeps its own tags.
  const kept = (id: string | undefined) =>
    id === undefined ? {} : { import: id, retainOnDelete: true, ignoreChanges: ["tags", "tagsAll"] };
  const vpc = new Vpc(
    logical.network,
    {
      cidrBlock: network.cidr,
      enableDnsSupport: true,
      enableDnsHostnames: true,
      tags: tags(logical.network),
    },
    // Everything stands in it: a repair may change it, but never take it away.
    { provider, protect: true, ...kept(network.adopt?.vpc) },
  );
  const gateway = new InternetGateway(
    logical.gateway,
    { vpcId: vpc.id, tags: tags(logical.gateway) },
    { provider, ...kept(network.adopt?.gateway) },
  );
  const subnet = new Subnet(
    logical.subnet,
    {
      vpcId: vpc.id,
      cidrBlock: network.subnet,
      availabilityZone: zone.name,
      mapPublicIpOnLaunch: false,
      tags: tags(logical.subnet),
    },
    { provider, deleteBeforeReplace: true },
  );
  const routes = new RouteTable(
    logical.routes,
    {
      vpcId: vpc.id,
      // Inline, so that a route which somebody adds is seen.
      routes: [{ cidrBlock: "0.0.0.0/0", gatewayId: gateway.id }],
      tags: tags(logical.routes),
    },
    { provider },
  );
  const association = new RouteTableAssociation(
    logical.association,
    { subnetId: subnet.id, routeTableId: routes.id },
    { provider, deleteBeforeReplace: true },
  );
  return { vpc, subnet, ready: [gateway, association] };
}

function declareSecurity({ config, provider, tags }: Parts, { vpc }: Network): SecurityGroup {
  return new SecurityGroup(
    logical.security,
    {
      name: titleOf(config, logical.security),
      description: "routerd release substrate",
      vpcId: vpc.id,
      // Inline, so that a rule which somebody adds is seen.
      ingress: ingressOf(config),
      egress,
      tags: tags(logical.security),
    },
    { provider },
  );
}

type Around = Network & { readonly security: SecurityGroup; readonly key: KeyPair };

/** An instance and the address that it is known by on the internet. */
function declareGuest(
  { config, provider, tags }: Parts,
  guest: CloudGuest,
  { subnet, ready, security, key }: Around,
): Eip {
  const instance = new Instance(
    guest.name,
    {
      ami: config.image.id,
      instanceType: config.shape,
      subnetId: subnet.id,
      privateIp: guest.address,
      associatePublicIpAddress: false,
      vpcSecurityGroupIds: [security.id],
      // By its name alone: a key made anew would take its instances with it.
      keyName: titleOf(config, logical.key),
      sourceDestCheck: !guest.forwards,
      metadataOptions: {
        httpEndpoint: "enabled",
        httpTokens: "required",
        httpPutResponseHopLimit: 1,
        instanceMetadataTags: "disabled",
      },
      rootBlockDevice: { volumeSize: config.disk, volumeType: "gp3", encrypted: true },
      userData: pulumi.secret(userDataOf(guest, config.responders)),
      // An instance reads it at its first boot and never again.
      userDataReplaceOnChange: true,
      tags: tags(guest.name),
      volumeTags: tags(guest.name),
    },
    // Its address inside is taken as long as it is there.
    { provider, deleteBeforeReplace: true, dependsOn: [key] },
  );
  const name = addressNameOf(guest);
  return new Eip(
    name,
    { domain: "vpc", instance: instance.id, tags: tags(name) },
    { provider, dependsOn: [...ready] },
  );
}
