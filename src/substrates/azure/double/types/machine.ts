// `azure-native:compute:VirtualMachine`, with the disk that is made for it.
import type { GetVirtualMachineResult } from "@pulumi/azure-native/compute/getVirtualMachine.js";
import type { Properties } from "../../../double.ts";
import { ArmError, notFound, present } from "../errors.ts";
import { powerOff, powerOn } from "../power.ts";
import { type Kind, resourceOf, type Told } from "../resource.ts";
import type { Machine, Subscription } from "../state.ts";
import { byId, newUuid, put, thingIdOf } from "../subscription.ts";
import { headOf, headTold } from "./common.ts";
import { refuseCreation } from "./creation.ts";
import { type MachineInputs, machineInputs } from "./wanted.ts";

/** The type of virtual machines. */
export const machineKind: Kind<typeof machineInputs> = {
  inputs: machineInputs,
  type: "Microsoft.Compute/virtualMachines",
  version: "2024-11-01",
  // Nothing else: what can not be changed is refused by the API, not known to the plugin.
  names: ["resourceGroupName", "vmName"],
  replaces: ["location"],
  given: ["name", "type", "etag", "vmId", "instanceView", "provisioningState", "timeCreated", "resources"],
  idOf: (subscription, { resourceGroupName, vmName }) =>
    thingIdOf(subscription, resourceGroupName, `Microsoft.Compute/virtualMachines/${vmName}`),
  put(subscription, id, wanted) {
    const known = byId(subscription.machines, id);
    if (known === undefined) create(subscription, wanted);
    else change(subscription, known, wanted);
  },
  told: (subscription, id) => toldOf(subscription, byId(subscription.machines, id)),
  remove: removeMachine,
};

function create(subscription: Subscription, wanted: MachineInputs): void {
  refuseCreation(subscription, wanted);
  const { storageProfile, osProfile, networkProfile, zones = [], vmName, userData } = wanted;
  const { osDisk, imageReference: image } = storageProfile;
  const head = headOf(subscription, machineKind.type, wanted, vmName);
  const now = subscription.world.now();
  const disk = headOf(subscription, "Microsoft.Compute/disks", wanted, osDisk.name);
  put(subscription.disks, {
    ...{ ...disk, size: osDisk.diskSizeGB, sku: osDisk.managedDisk.storageAccountType, machine: head.id },
  });
  const machine: Machine = {
    ...{ ...head, vmId: newUuid(subscription), zones, image, disk: disk.id },
    ...{ deletesDisk: osDisk.deleteOption === "Delete", computerName: osProfile.computerName },
    ...{ user: osProfile.adminUsername, keys: osProfile.linuxConfiguration.ssh.publicKeys },
    ...{ customData: osProfile.customData ?? "", userData, shape: wanted.hardwareProfile.vmSize },
    nics: networkProfile.networkInterfaces.map(nicOf),
    ...{ power: "running", createdAt: now, provisionedAt: now },
  };
  put(subscription.machines, machine);
  powerOn(subscription, machine);
}

function nicOf({
  id,
  deleteOption = "Detach",
}: MachineInputs["networkProfile"]["networkInterfaces"][number]) {
  return { id, deleteOption };
}

/** What a machine was made with stays (Azure docs, "PropertyChangeNotAllowed"); another size restarts it. */
function change(subscription: Subscription, machine: Machine, wanted: MachineInputs): void {
  const { osProfile, storageProfile, zones } = wanted;
  const fixed: Readonly<Record<string, readonly [unknown, unknown]>> = {
    "osProfile.computerName": [machine.computerName, osProfile.computerName],
    "osProfile.adminUsername": [machine.user, osProfile.adminUsername],
    "osProfile.customData": [machine.customData, osProfile.customData ?? machine.customData],
    "linuxConfiguration.ssh.publicKeys": [machine.keys, osProfile.linuxConfiguration.ssh.publicKeys],
    imageReference: [machine.image, storageProfile.imageReference],
    zones: [machine.zones, zones ?? machine.zones],
  };
  const changed = Object.entries(fixed).find(
    ([, [one, other]]) => JSON.stringify(one) !== JSON.stringify(other),
  );
  if (changed !== undefined)
    throw new ArmError(409, "PropertyChangeNotAllowed", `Changing property '${changed[0]}' is not allowed.`);
  machine.tags = wanted.tags ?? {};
  machine.userData = wanted.userData;
  machine.provisionedAt = subscription.world.now();
  if (machine.shape === wanted.hardwareProfile.vmSize) return;
  machine.shape = wanted.hardwareProfile.vmSize;
  if (machine.power !== "running") return;
  powerOff(subscription, machine);
  powerOn(subscription, machine);
}

/** Its disk and interfaces go with it only where they were declared so. */
function removeMachine(subscription: Subscription, id: string): void {
  const machine = byId(subscription.machines, id);
  if (machine === undefined) return;
  powerOff(subscription, machine);
  subscription.machines.delete(id.toLowerCase());
  if (machine.deletesDisk) subscription.disks.delete(machine.disk.toLowerCase());
  for (const nic of machine.nics)
    if (nic.deleteOption === "Delete") subscription.nics.delete(nic.id.toLowerCase());
}

function toldOf(
  subscription: Subscription,
  machine: Machine | undefined,
): (Told<GetVirtualMachineResult> & Properties) | undefined {
  if (machine === undefined) return undefined;
  const disk = present(byId(subscription.disks, machine.disk), () => notFound(machine.disk));
  return {
    ...{ ...headTold(machine), vmId: machine.vmId },
    ...{ provisioningState: "Succeeded", timeCreated: new Date(machine.createdAt).toISOString() },
    ...(machine.zones.length > 0 && { zones: [...machine.zones] }),
    hardwareProfile: { vmSize: machine.shape },
    storageProfile: {
      imageReference: { ...machine.image, exactVersion: machine.image.version },
      osDisk: {
        ...{ name: disk.name, createOption: "FromImage", osType: "Linux", caching: "ReadWrite" },
        ...{ deleteOption: machine.deletesDisk ? "Delete" : "Detach", diskSizeGB: disk.size },
        managedDisk: { id: disk.id, storageAccountType: disk.sku },
      },
      dataDisks: [],
    },
    // Custom data is never told.
    osProfile: {
      ...{ computerName: machine.computerName, adminUsername: machine.user, secrets: [] },
      ...{ allowExtensionOperations: true, requireGuestProvisionSignal: true },
      linuxConfiguration: {
        ...{ disablePasswordAuthentication: true, provisionVMAgent: true },
        ssh: { publicKeys: machine.keys.map((key) => ({ ...key })) },
      },
    },
    networkProfile: {
      networkInterfaces: machine.nics.map(({ id, deleteOption }) => ({ id, deleteOption, primary: true })),
    },
  };
}

/** What is told only to those who ask for it: how the instance does, or its user data. */
export function expandedOf(
  { world }: Subscription,
  machine: Machine,
  expand: string | undefined,
): Properties {
  if (expand === "userData") return machine.userData === undefined ? {} : { userData: machine.userData };
  if (expand !== "instanceView") return {};
  const { power, provisionedAt } = machine;
  const time = new Date(provisionedAt).toISOString();
  // The agent reports when the guest is up.
  const isUp = [...world.machines.values()].some(
    ({ id, readyAt }) => id === `azure/${machine.vmId}` && world.now() >= readyAt,
  );
  const agent = isUp ? "ProvisioningState/succeeded" : "ProvisioningState/Unavailable";
  return {
    instanceView: {
      ...{ computerName: machine.computerName, hyperVGeneration: "V2", osName: "ubuntu", osVersion: "24.04" },
      statuses: [
        { code: "ProvisioningState/succeeded", level: "Info", displayStatus: "Provisioning succeeded", time },
        { code: `PowerState/${power}`, level: "Info", displayStatus: `VM ${power}` },
      ],
      vmAgent: { vmAgentVersion: "2.11.1.4", statuses: [{ code: agent, level: "Info" }] },
    },
  };
}

/** The type, as a double. */
export const machine = resourceOf(machineKind);
