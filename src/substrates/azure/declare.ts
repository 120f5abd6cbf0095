// Declares the Azure substrate: a resource group with a network, one security group, and guests with public addresses.
import { SshPublicKey } from "@pulumi/azure-native/compute/sshPublicKey.js";
import { NetworkSecurityGroup } from "@pulumi/azure-native/network/networkSecurityGroup.js";
import { RouteTable } from "@pulumi/azure-native/network/routeTable.js";
import { Subnet } from "@pulumi/azure-native/network/subnet.js";
import { VirtualNetwork } from "@pulumi/azure-native/network/virtualNetwork.js";
import { Provider } from "@pulumi/azure-native/provider.js";
import { ResourceGroup } from "@pulumi/azure-native/resources/resourceGroup.js";
import * as pulumi from "@pulumi/pulumi";
import type { Run } from "../../environment/run.ts";
import { publicKeyOf } from "../../probes/key.ts";
import type { Declared } from "../substrate.ts";
import type { AzureConfig } from "./config.ts";
import { declareGuest, type Parts } from "./guest.ts";
import { groupOf, idOf, logical, networkOf, tagsOf, titleOf } from "./names.ts";
import { routesOf } from "./routes.ts";
import { rulesOf } from "./rules.ts";

/**
 * The SDK adds to each resource the types that it has in some sixty API versions. Nothing of ours was ever declared with one of
 * these, and to compare them takes a fifth of the engine's and the program's time.
 */
const transformations: pulumi.ResourceTransformation[] = [
  ({ props, opts }) => ({ props, opts: { ...opts, aliases: [] } }),
];

/** Declares everything that the config expects, tagged with the run. Only inside an engine program. */
export function declareAzure(config: AzureConfig, run: Run): Declared {
  const provider = declareProvider(config);
  const resourceGroupName = groupOf(config);
  const { location } = config;
  const tags = tagsOf(config, run);
  const group = new ResourceGroup(
    logical.group,
    { resourceGroupName, location, tags },
    // Everything stands in it: a repair may change it, but never take it away.
    { provider, transformations, protect: true },
  );
  const parts = {
    config,
    placed: { resourceGroupName, location, tags },
    within: { provider, transformations, dependsOn: [group] },
  };
  const subnet = declareNetwork(parts);
  new SshPublicKey(
    logical.key,
    {
      ...parts.placed,
      sshPublicKeyName: titleOf(config, logical.key),
      publicKey: publicKeyOf(config.common.sshKey),
    },
    { ...parts.within, deleteBeforeReplace: true },
  );
  const addresses = config.guests.map((guest) => {
    const { ipAddress } = declareGuest(parts, guest, subnet);
    return [guest.name, ipAddress.apply((address) => address ?? "")] as const;
  });
  return {
    invoke: (token, args) => pulumi.runtime.invoke(token, { ...args }, { provider }),
    addresses: Object.fromEntries(addresses),
  };
}

/** It works in that subscription alone. */
function declareProvider({ subscription, tenant, clientId, clientSecret }: AzureConfig): Provider {
  return new Provider("azure", {
    subscriptionId: subscription,
    tenantId: tenant,
    ...(clientId === undefined ? {} : { clientId }),
    ...(clientSecret === undefined ? {} : { clientSecret: pulumi.secret(clientSecret.reveal()) }),
  });
}

function declareNetwork({ config, placed, within }: Parts): Subnet {
  const { network } = config;
  const { group, name } = networkOf(config);
  const whole = new VirtualNetwork(
    logical.network,
    {
      ...placed,
      resourceGroupName: group,
      virtualNetworkName: name,
      addressSpace: { addressPrefixes: [network.cidr] },
    },
    { ...within, protect: true, ...keptAs(network.adopt) },
  );
  const routes = new RouteTable(
    logical.routes,
    {
      ...placed,
      routeTableName: titleOf(config, logical.routes),
      // Inline, so that a route which somebody adds is seen.
      routes: routesOf(),
      disableBgpRoutePropagation: true,
    },
    within,
  );
  const security = new NetworkSecurityGroup(
    logical.security,
    {
      ...placed,
      networkSecurityGroupName: titleOf(config, logical.security),
      // Inline, so that a rule which somebody adds is seen.
      securityRules: rulesOf(config),
    },
    within,
  );
  return new Subnet(
    logical.subnet,
    {
      resourceGroupName: group,
      virtualNetworkName: name,
      subnetName: titleOf(config, logical.subnet),
      addressPrefix: network.subnet,
      networkSecurityGroup: { id: idOf(config, "Microsoft.Network/networkSecurityGroups", logical.security) },
      routeTable: { id: idOf(config, "Microsoft.Network/routeTables", logical.routes) },
      // Who has no public address has no way out, on old networks as on new ones.
      defaultOutboundAccess: false,
    },
    { ...within, dependsOn: [whole, routes, security], deleteBeforeReplace: true },
  );
}

/** What was there before us keeps its own settings. */
function keptAs(id: string | undefined): pulumi.CustomResourceOptions {
  const theirs = ["tags", "subnets", "dhcpOptions", "encryption", "virtualNetworkPeerings", "location"];
  const others = ["enableDdosProtection", "enableVmProtection", "flowTimeoutInMinutes", "bgpCommunities"];
  return id === undefined
    ? {}
    : {
        import: id,
        retainOnDelete: true,
        ignoreChanges: [...theirs, ...others, "ddosProtectionPlan", "privateEndpointVNetPolicies"],
      };
}
