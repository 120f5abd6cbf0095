// Declares one guest of the Azure substrate: a public address, an interface and a virtual machine.
import { VirtualMachine } from "@pulumi/azure-native/compute/virtualMachine.js";
import { NetworkInterface } from "@pulumi/azure-native/network/networkInterface.js";
import { PublicIPAddress } from "@pulumi/azure-native/network/publicIPAddress.js";
import type { Subnet } from "@pulumi/azure-native/network/subnet.js";
import type { Provider } from "@pulumi/azure-native/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { publicKeyOf } from "../../probes/key.ts";
import type { CloudGuest } from "../cloud/topology.ts";
import type { AzureConfig } from "./config.ts";
import { addressNameOf, idOf, nicNameOf, subnetIdOf, titleOf } from "./names.ts";
import { customDataOf, witnessOf } from "./userdata.ts";

/** What every resource is declared with. */
export type Parts = {
  readonly config: AzureConfig;
  readonly placed: {
    readonly resourceGroupName: string;
    readonly location: string;
    readonly tags: Record<string, string>;
  };
  readonly within: {
    readonly provider: Provider;
    readonly transformations: pulumi.ResourceTransformation[];
    readonly dependsOn: pulumi.Resource[];
  };
};

/** A virtual machine with its interface, and the address that it is known by on the internet. */
export function declareGuest(
  { config, placed, within }: Parts,
  guest: CloudGuest,
  subnet: Subnet,
): PublicIPAddress {
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
