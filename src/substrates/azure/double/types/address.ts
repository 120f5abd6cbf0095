// `azure-native:network:PublicIPAddress`, and `…:NetworkInterface` with the addresses that it has.
import type { GetNetworkInterfaceResult } from "@pulumi/azure-native/network/getNetworkInterface.js";
import type { GetPublicIPAddressResult } from "@pulumi/azure-native/network/getPublicIPAddress.js";
import { z } from "zod";
import { contains } from "../../../../world/address.ts";
import type { Properties } from "../../../double.ts";
import { ArmError, notFound, present } from "../errors.ts";
import { gatewayOf } from "../lower.ts";
import { type Kind, resourceOf, type Told } from "../resource.ts";
import type { Nic, Subscription } from "../state.ts";
import { byId, newMac, put, thingIdOf } from "../subscription.ts";
import { headOf, inUse, networkTold, placed, reference } from "./common.ts";

const version = "2024-05-01";

const addressInputs = z.object({
  ...placed,
  publicIpAddressName: z.string().max(80),
  publicIPAllocationMethod: z.literal("Static"),
  publicIPAddressVersion: z.literal("IPv4").optional(),
  sku: z.object({ name: z.literal("Standard"), tier: z.literal("Regional").optional() }),
  zones: z.array(z.string()).optional(),
});

/** The type of public addresses. */
export const addressKind: Kind<typeof addressInputs> = {
  inputs: addressInputs,
  type: "Microsoft.Network/publicIPAddresses",
  version,
  names: ["resourceGroupName", "publicIpAddressName"],
  replaces: ["location", "publicIPAddressVersion", "publicIPPrefix", "sku"],
  given: ["name", "type", "etag", "ipAddress", "provisioningState", "resourceGuid"],
  idOf: (subscription, { resourceGroupName, publicIpAddressName: name }) =>
    thingIdOf(subscription, resourceGroupName, `Microsoft.Network/publicIPAddresses/${name}`),
  put(subscription, id, wanted) {
    const head = headOf(subscription, addressKind.type, wanted, wanted.publicIpAddressName);
    const known = byId(subscription.addresses, id);
    const ip = known?.ip ?? freeIp(subscription);
    put(subscription.addresses, { ...head, ip, zones: wanted.zones ?? known?.zones ?? [] });
  },
  told(subscription, id): (Told<GetPublicIPAddressResult> & Properties) | undefined {
    const address = byId(subscription.addresses, id);
    if (address === undefined) return undefined;
    const user = boundTo(subscription, id);
    return {
      ...networkTold(address),
      ...{ ipAddress: address.ip },
      ...{ publicIPAllocationMethod: "Static", publicIPAddressVersion: "IPv4", idleTimeoutInMinutes: 4 },
      sku: { name: "Standard", tier: "Regional" },
      ...(address.zones.length > 0 && { zones: [...address.zones] }),
      ...(user !== undefined && { ipConfiguration: toldOfPlace(user) }),
    };
  },
  remove(subscription, id) {
    if (boundTo(subscription, id) !== undefined) throw inUse("PublicIPAddressCannotBeDeleted", id);
    subscription.addresses.delete(id.toLowerCase());
  },
};

function boundTo({ nics }: Subscription, address: string): Nic | undefined {
  return [...nics.values()].find(
    ({ publicAddress }) => publicAddress?.toLowerCase() === address.toLowerCase(),
  );
}

function toldOfPlace({ id, configuration }: Nic) {
  return {
    ...{ id: `${id}/ipConfigurations/${configuration}`, name: configuration },
    ...{ provisioningState: "Succeeded", etag: "" },
  };
}

/** RFC 5737: the end of TEST-NET-3 stands for Azure's own. */
function freeIp({ addresses, limits }: Subscription): string {
  const most = limits.find(({ name }) => name === "StandardSkuPublicIpAddresses")?.limit ?? 0;
  if (addresses.size >= most)
    throw new ArmError(
      400,
      "PublicIPCountLimitReached",
      `Cannot create more than ${most} public IP addresses.`,
    );
  const taken = new Set([...addresses.values()].map(({ ip }) => ip));
  const all = Array.from({ length: 100 }, (_, index) => `203.0.113.${index + 101}`);
  const free = all.find((ip) => !taken.has(ip));
  if (free === undefined) throw new ArmError(409, "AllocationFailed", "There is no address left.");
  return free;
}

const place = z.object({
  name: z.string(),
  primary: z.literal(true).optional(),
  privateIPAddress: z.string(),
  privateIPAddressVersion: z.literal("IPv4").optional(),
  privateIPAllocationMethod: z.literal("Static"),
  subnet: reference,
  publicIPAddress: reference.nullish(),
});
const nicInputs = z.object({
  ...placed,
  networkInterfaceName: z.string().max(80),
  enableIPForwarding: z.boolean().optional(),
  enableAcceleratedNetworking: z.boolean().optional(),
  ipConfigurations: z.tuple([place]),
  networkSecurityGroup: reference.nullish(),
});
type NicInputs = z.output<typeof nicInputs>;

/** The type of network interfaces. */
export const nicKind: Kind<typeof nicInputs> = {
  inputs: nicInputs,
  type: "Microsoft.Network/networkInterfaces",
  version,
  names: ["resourceGroupName", "networkInterfaceName"],
  replaces: [],
  given: ["name", "type", "etag", "macAddress", "provisioningState", "resourceGuid", "virtualMachine"],
  idOf: (subscription, { resourceGroupName, networkInterfaceName: name }) =>
    thingIdOf(subscription, resourceGroupName, `Microsoft.Network/networkInterfaces/${name}`),
  put(subscription, id, wanted) {
    const [{ name, privateIPAddress, subnet, publicIPAddress }] = wanted.ipConfigurations;
    refuseNic(subscription, id, wanted);
    const head = headOf(subscription, nicKind.type, wanted, wanted.networkInterfaceName);
    put(subscription.nics, {
      ...{ ...head, mac: byId(subscription.nics, id)?.mac ?? newMac(subscription), configuration: name },
      ...{ subnet: subnet.id, address: privateIPAddress, publicAddress: publicIPAddress?.id },
      ...{ security: wanted.networkSecurityGroup?.id, forwards: wanted.enableIPForwarding === true },
      accelerated: wanted.enableAcceleratedNetworking === true,
    });
  },
  told: (subscription, id) => toldOfNic(subscription, byId(subscription.nics, id)),
  remove(subscription, id) {
    if (machineOf(subscription, id) !== undefined) throw inUse("NicInUse", id);
    subscription.nics.delete(id.toLowerCase());
  },
};

function refuseNic(subscription: Subscription, id: string, wanted: NicInputs): void {
  const [{ privateIPAddress, subnet: within, publicIPAddress }] = wanted.ipConfigurations;
  const subnet = present(byId(subscription.subnets, within.id), () => notFound(within.id));
  const others = [...subscription.nics.values()].filter((nic) => nic.id.toLowerCase() !== id.toLowerCase());
  const taken = others.some((nic) => nic.subnet === within.id && nic.address === privateIPAddress);
  if (taken || !contains(subnet.prefix, privateIPAddress) || privateIPAddress === gatewayOf(subnet))
    throw new ArmError(
      400,
      "PrivateIPAddressNotAvailable",
      `IP address ${privateIPAddress} is not available.`,
    );
  const security = wanted.networkSecurityGroup?.id;
  if (security !== undefined) present(byId(subscription.securities, security), () => notFound(security));
  if (publicIPAddress === undefined || publicIPAddress === null) return;
  present(byId(subscription.addresses, publicIPAddress.id), () => notFound(publicIPAddress.id));
  const user = boundTo(subscription, publicIPAddress.id);
  if (user !== undefined && user.id.toLowerCase() !== id.toLowerCase())
    throw new ArmError(
      400,
      "PublicIPAddressInUse",
      `${publicIPAddress.id} is already allocated to ${user.id}.`,
    );
}

function machineOf({ machines }: Subscription, nic: string) {
  return [...machines.values()].find(({ nics }) =>
    nics.some(({ id }) => id.toLowerCase() === nic.toLowerCase()),
  );
}

function toldOfNic(
  subscription: Subscription,
  nic: Nic | undefined,
): (Told<GetNetworkInterfaceResult> & Properties) | undefined {
  if (nic === undefined) return undefined;
  const machine = machineOf(subscription, nic.id);
  return {
    ...networkTold(nic),
    ...{ nicType: "Standard" },
    ...{ enableIPForwarding: nic.forwards, enableAcceleratedNetworking: nic.accelerated },
    ...{ macAddress: nic.mac, primary: machine !== undefined, vnetEncryptionSupported: false },
    ...(machine !== undefined && { virtualMachine: { id: machine.id } }),
    ...(nic.security !== undefined && { networkSecurityGroup: { id: nic.security } }),
    ipConfigurations: [
      {
        ...{
          ...toldOfPlace(nic),
          type: "Microsoft.Network/networkInterfaces/ipConfigurations",
          primary: true,
        },
        ...{
          privateIPAddress: nic.address,
          privateIPAddressVersion: "IPv4",
          privateIPAllocationMethod: "Static",
        },
        subnet: { id: nic.subnet },
        ...(nic.publicAddress !== undefined && { publicIPAddress: { id: nic.publicAddress } }),
      },
    ],
  };
}

/** The types of this file, as doubles. */
export const address = resourceOf(addressKind);
export const nic = resourceOf(nicKind);
