// Declares the OCI substrate: a network with a way to the internet, one security list, and guests with reserved addresses.
import { getPrivateIpsOutput } from "@pulumi/oci/core/getPrivateIps.js";
import { Instance } from "@pulumi/oci/core/instance.js";
import { InternetGateway } from "@pulumi/oci/core/internetGateway.js";
import { PublicIp } from "@pulumi/oci/core/publicIp.js";
import { RouteTable } from "@pulumi/oci/core/routeTable.js";
import { SecurityList } from "@pulumi/oci/core/securityList.js";
import { Subnet } from "@pulumi/oci/core/subnet.js";
import { Vcn } from "@pulumi/oci/core/vcn.js";
import { Provider } from "@pulumi/oci/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { Run } from "../../environment/run.ts";
import { publicKeyOf } from "../../probes/key.ts";
import type { CloudGuest } from "../cloud/topology.ts";
import type { Declared } from "../substrate.ts";
import type { OciConfig } from "./config.ts";
import { metadataOf } from "./metadata.ts";
import { addressNameOf, logical, tagsOf, titleOf } from "./names.ts";
import { egress, ingressOf } from "./rules.ts";

/** Declares everything that the config expects, tagged with the run. Only inside an engine program. */
export function declareOci(config: OciConfig, run: Run): Declared {
  const provider = declareProvider(config);
  const freeformTags = tagsOf(config, run);
  const about = (name: string) => ({
    compartmentId: config.compartment.id,
    displayName: titleOf(config, name),
    freeformTags,
  });
  const parts = { config, provider, about };
  const network = declareNetwork(parts);
  const addresses = config.guests.map((guest) => {
    const address = declareGuest(parts, guest, network);
    return [guest.name, address.ipAddress] as const;
  });
  return {
    invoke: (token, args) => pulumi.runtime.invoke(token, { ...args }, { provider }),
    addresses: Object.fromEntries(addresses),
  };
}

type Parts = {
  readonly config: OciConfig;
  readonly provider: Provider;
  /** What everything has: where it is, what it is called, and its tags. */
  readonly about: (name: string) => {
    readonly compartmentId: string;
    readonly displayName: string;
    readonly freeformTags: Record<string, string>;
  };
};

function declareProvider({ region, tenancy, caller, fingerprint, privateKey, profile }: OciConfig): Provider {
  const key =
    caller === undefined || fingerprint === undefined || privateKey === undefined
      ? { configFileProfile: profile }
      : {
          userOcid: caller,
          fingerprint,
          privateKey: pulumi.secret(privateKey.reveal()),
          tenancyOcid: tenancy.id,
        };
  return new Provider("oci", { region, ...key });
}

type Network = { readonly subnet: Subnet; readonly ready: readonly pulumi.Resource[] };

function declareNetwork({ config, provider, about }: Parts): Network {
  const { network } = config;
  // What was there before us keeps its own name and tags.
  const kept = (id: string | undefined) =>
    id === undefined
      ? {}
      : { import: id, retainOnDelete: true, ignoreChanges: ["displayName", "freeformTags", "definedTags"] };
  const vcn = new Vcn(
    logical.network,
    { ...about(logical.network), cidrBlocks: [network.cidr] },
    // Everything stands in it: a repair may change it, but never take it away.
    { provider, protect: true, ...kept(network.adopt?.vcn) },
  );
  const gateway = new InternetGateway(
    logical.gateway,
    { ...about(logical.gateway), vcnId: vcn.id, enabled: true },
    { provider, ...kept(network.adopt?.gateway) },
  );
  const routes = new RouteTable(
    logical.routes,
    {
      ...about(logical.routes),
      vcnId: vcn.id,
      // Inline, so that a route which somebody adds is seen.
      routeRules: [{ destination: "0.0.0.0/0", destinationType: "CIDR_BLOCK", networkEntityId: gateway.id }],
    },
    { provider },
  );
  const security = new SecurityList(
    logical.security,
    {
      ...about(logical.security),
      vcnId: vcn.id,
      // Inline, so that a rule which somebody adds is seen.
      ingressSecurityRules: ingressOf(config),
      egressSecurityRules: egress,
    },
    { provider },
  );
  const subnet = new Subnet(
    logical.subnet,
    {
      ...about(logical.subnet),
      vcnId: vcn.id,
      cidrBlock: network.subnet,
      routeTableId: routes.id,
      // Left out, the network's own list would apply.
      securityListIds: [security.id],
      prohibitPublicIpOnVnic: false,
      prohibitInternetIngress: false,
    },
    { provider, deleteBeforeReplace: true },
  );
  return { subnet, ready: [gateway, routes] };
}

/** What tells of private addresses; nothing where there is none. */
const privates = z.object({ privateIps: z.array(z.object({ id: z.string() })).default([]) });

/** An instance and the address that it is known by on the internet. */
function declareGuest(
  { config, provider, about }: Parts,
  guest: CloudGuest,
  { subnet, ready }: Network,
): PublicIp {
  const { shape, image, disk, domain: availabilityDomain, faultDomain } = config;
  const { displayName, freeformTags } = about(guest.name);
  const instance = new Instance(
    guest.name,
    {
      ...about(guest.name),
      availabilityDomain,
      faultDomain,
      shape: shape.name,
      shapeConfig: { ocpus: shape.ocpus, memoryInGbs: shape.memory },
      sourceDetails: { sourceType: "image", sourceId: image.id, bootVolumeSizeInGbs: `${disk}` },
      createVnicDetails: {
        subnetId: subnet.id,
        privateIp: guest.address,
        // Its own address is a reserved one, which stays when the instance is made anew.
        assignPublicIp: "false",
        skipSourceDestCheck: guest.forwards,
        displayName,
        freeformTags,
      },
      metadata: pulumi.secret(metadataOf(config, guest, publicKeyOf(config.common.sshKey))),
      instanceOptions: { areLegacyImdsEndpointsDisabled: true },
      preserveBootVolume: false,
      state: "RUNNING",
    },
    {
      provider,
      // Its address inside is taken as long as it is there.
      deleteBeforeReplace: true,
      // Read at the first boot and never again; and another image under a guest is another guest.
      replaceOnChanges: ["metadata", "sourceDetails.sourceId"],
    },
  );
  const inside = getPrivateIpsOutput({ subnetId: subnet.id, ipAddress: instance.privateIp }, { provider });
  const name = addressNameOf(guest);
  return new PublicIp(
    name,
    {
      ...about(name),
      lifetime: "RESERVED",
      privateIpId: inside.apply((told) => privates.parse(told).privateIps[0]?.id ?? ""),
    },
    { provider, dependsOn: [...ready] },
  );
}
