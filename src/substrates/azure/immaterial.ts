// Which declared properties can not drift, each with its reason.
import { stoodOn, unmodelled } from "../cloud/immaterial.ts";
import type { Immaterial } from "../double.ts";

const compute = (type: string) => `azure-native:compute:${type}`;
const network = (type: string) => `azure-native:network:${type}`;

const identity = "a part of its id, or where it is: elsewhere it is another thing, and this one is gone";
const fixed = "given when it is made: Azure refuses to change it";
const used = `${stoodOn("Azure")}: a prepared drift takes away the group with all of it`;
const elsewhere = "what it points at must be there, and nothing else of ours is";
const manner = "which API the provider speaks: Azure keeps no such thing";

/** Its place among all things, by type. */
const places = [
  { of: "azure-native:resources:ResourceGroup", paths: ["location", "resourceGroupName"] },
  { of: compute("SshPublicKey"), paths: ["location", "resourceGroupName", "sshPublicKeyName"] },
  { of: compute("VirtualMachine"), paths: ["location", "resourceGroupName", "vmName"] },
  { of: network("NetworkInterface"), paths: ["location", "networkInterfaceName", "resourceGroupName"] },
  {
    of: network("NetworkSecurityGroup"),
    paths: ["location", "networkSecurityGroupName", "resourceGroupName"],
  },
  { of: network("PublicIPAddress"), paths: ["location", "publicIpAddressName", "resourceGroupName"] },
  { of: network("RouteTable"), paths: ["location", "resourceGroupName", "routeTableName"] },
  { of: network("Subnet"), paths: ["resourceGroupName", "subnetName", "virtualNetworkName"] },
  { of: network("VirtualNetwork"), paths: ["location", "resourceGroupName", "virtualNetworkName"] },
];

/** What other things stand on. */
const standing = [
  ...["NetworkInterface", "NetworkSecurityGroup", "PublicIPAddress", "RouteTable", "Subnet"],
  "VirtualNetwork",
];

/** By type. */
export const immaterial: readonly Immaterial[] = [
  ...places.map((place) => ({ ...place, reason: identity })),
  ...places.map(({ of }) => ({ of, paths: ["azureApiVersion"], reason: manner })),
  {
    of: compute("VirtualMachine"),
    paths: [
      ...["osProfile", "storageProfile.imageReference", "storageProfile.osDisk.createOption"],
      ...["storageProfile.osDisk.name", "zones"],
    ],
    reason: fixed,
  },
  {
    of: network("PublicIPAddress"),
    paths: ["publicIPAddressVersion", "sku", "zones"],
    reason: fixed,
  },
  {
    of: network("NetworkInterface"),
    paths: ["ipConfigurations[-]"],
    reason: "Azure leaves no interface without an address",
  },
  {
    of: compute("VirtualMachine"),
    paths: ["networkProfile.networkInterfaces[-]"],
    reason: "Azure leaves no machine without an interface",
  },
  {
    of: network("VirtualNetwork"),
    paths: ["addressSpace.addressPrefixes[-]"],
    reason: "Azure leaves no network without a range",
  },
  ...standing.map((type) => ({ of: network(type), paths: ["deleted"], reason: used })),
  {
    of: network("PublicIPAddress"),
    paths: ["publicIPAllocationMethod"],
    reason: "an address of the standard SKU is always static",
  },
  {
    of: network("NetworkInterface"),
    paths: ["ipConfigurations[].primary", "ipConfigurations[].privateIPAddressVersion"],
    reason: "the only configuration of an interface is its primary one, and speaks IPv4",
  },
  {
    of: network("NetworkInterface"),
    paths: ["ipConfigurations[].publicIPAddress", "ipConfigurations[].subnet"],
    reason: elsewhere,
  },
  { of: network("Subnet"), paths: ["networkSecurityGroup", "routeTable"], reason: elsewhere },
  {
    of: network("NetworkInterface"),
    paths: ["ipConfigurations[+]", "ipConfigurations[].privateIPAllocationMethod"],
    reason: unmodelled,
  },
  {
    of: network("Subnet"),
    paths: ["privateEndpointNetworkPolicies", "privateLinkServiceNetworkPolicies"],
    reason: unmodelled,
  },
  {
    of: network("VirtualNetwork"),
    paths: ["enableDdosProtection", "enableVmProtection"],
    reason: unmodelled,
  },
  {
    of: compute("VirtualMachine"),
    paths: [
      ...["networkProfile.networkInterfaces[+]", "networkProfile.networkInterfaces[].deleteOption"],
      ...["networkProfile.networkInterfaces[].id", "networkProfile.networkInterfaces[].primary"],
      ...["storageProfile.osDisk.deleteOption", "storageProfile.osDisk.diskSizeGB"],
      "storageProfile.osDisk.managedDisk",
    ],
    reason: unmodelled,
  },
  { of: network("NetworkSecurityGroup"), paths: ["securityRules[].sourcePortRange"], reason: unmodelled },
];
