// Declares the Azure substrate: a resource group with a network, one security group, and guests with public addresses.
import { SshPublicKey } from "@pulumi/azure-native/compute/sshPublicKey.js";
import { VirtualMachine } from "@pulumi/azure-native/compute/virtualMachine.js";
import { NetworkInterface } from "@pulumi/azure-native/network/networkInterface.js";
import { NetworkSecurityGroup } from "@pulumi/azure-native/network/networkSecurityGroup.js";
import { PublicIPAddress } from "@pulumi/azure-native/network/publicIPAddress.js";
import { RouteTable } from "@pulumi/azure-native/network/routeTable.js";
import { Subnet } from "@pulumi/azure-native/network/subnet.js";
import { VirtualNetwork } from "@pulumi/azure-native/network/virtualNetwork.js";
import { Provider } from "@pulumi/azure-native/provider.js";
import { ResourceGroup } from "@pulumi/azure-native/resources/resourceGroup.js";
import * as pulumi from "@pulumi/pulumi";
import type { Run } from "../../environment/run.ts";
import { publicKeyOf } from "../../probes/key.ts";
import type { CloudGuest } from "../cloud/topology.ts";
import type { Declared } from "../substrate.ts";
import type { AzureConfig } from "./config.ts";
import {
  addressNameOf,
  groupOf,
  idOf,
  logical,
  networkOf,
  nicNameOf,
  subnetIdOf,
  tagsOf,
  titleOf,
} from "./names.ts";
import { routesOf } from "./routes.ts";
import { rulesOf } from "./rules.ts";
import { customDataOf, witnessOf } from "./userdata.ts";

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
    { provider, protect: true },
  );
  const parts = {
    config,
    placed: { resourceGroupName, location, tags },
    within: { provider, dependsOn: [group] },
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

type Parts = {
  readonly config: AzureConfig;
  readonly placed: {
    readonly resourceGroupName: string;
    readonly location: string;
    readonly tags: Record<string, string>;
  };
  readonly within: { readonly provider: Provider; readonly dependsOn: pulumi.Resource[] };
};

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

/** A virtual machine with its interface, and the address that it is known by on the internet. */
function declareGuest({ config, placed, within }: Parts, guest: CloudGuest, subnet: Subnet): PublicIPAddress {
  const zones = config.zone === undefined ? {} : { zones: [config.zone] };
  const [addressName, nicName] = [addressNameOf(guest), nicNameOf(guest)];
  const address = new PublicIPAddress(
    addressName,
    {
      ...{ ...placed, ...zones, publicIpAddressName: titleOf(config, addressName) },
      publicIPAllocationMethod: "Static",
      publicIPAddressVersion: "IPv4",
      sku: { name: "Standard", tier: "Regional" },
    },
    { ...within, deleteBeforeReplace: true },
  );
  const nic = new NetworkInterface(
    nicName,
    {
      ...{ ...placed, networkInterfaceName: titleOf(config, nicName) },
      enableIPForwarding: guest.forwards,
      enableAcceleratedNetworking: false,
      ipConfigurations: [
        {
          name: "primary",
          primary: true,
          privateIPAddress: guest.address,
          privateIPAddressVersion: "IPv4",
          privateIPAllocationMethod: "Static",
          subnet: { id: subnetIdOf(config) },
          publicIPAddress: { id: idOf(config, "Microsoft.Network/publicIPAddresses", addressName) },
        },
      ],
    },
    { ...within, dependsOn: [subnet, address], deleteBeforeReplace: true },
  );
  declareMachine({ config, placed, within }, guest, nic);
  return address;
}

function declareMachine({ config, placed, within }: Parts, guest: CloudGuest, nic: NetworkInterface): void {
  const { image, disk, diskType, shape, user, zone, responders } = config;
  const { publisher, offer, sku, version } = image;
  const path = `/home/${user}/.ssh/authorized_keys`;
  new VirtualMachine(
    guest.name,
    {
      ...{ ...placed, vmName: titleOf(config, guest.name) },
      ...(zone === undefined ? {} : { zones: [zone] }),
      hardwareProfile: { vmSize: shape },
      storageProfile: {
        imageReference: { publisher, offer, sku, version },
        osDisk: {
          ...{ name: titleOf(config, `${guest.name}-disk`), createOption: "FromImage", diskSizeGB: disk },
          // With its machine: Azure leaves it behind otherwise.
          deleteOption: "Delete",
          managedDisk: { storageAccountType: diskType },
        },
      },
      osProfile: {
        computerName: guest.name,
        adminUsername: user,
        customData: pulumi.secret(customDataOf(guest, responders)),
        linuxConfiguration: {
          disablePasswordAuthentication: true,
          provisionVMAgent: true,
          ssh: { publicKeys: [{ path, keyData: publicKeyOf(config.common.sshKey) }] },
        },
      },
      networkProfile: {
        networkInterfaces: [
          {
            id: idOf(config, "Microsoft.Network/networkInterfaces", nicNameOf(guest)),
            primary: true,
            // Its addresses stay when the machine is made anew.
            deleteOption: "Detach",
          },
        ],
      },
      userData: witnessOf(guest, responders),
    },
    {
      ...{ ...within, dependsOn: [nic], deleteBeforeReplace: true },
      // Azure takes these only at a machine's creation, or a machine reads them only at its first boot.
      replaceOnChanges: ["osProfile", "storageProfile.imageReference", "userData", "zones"],
    },
  );
}
