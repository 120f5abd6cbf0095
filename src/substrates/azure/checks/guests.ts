// What Azure tells of each guest's machine, interface and address, and what the guest sees of that from inside.
import { z } from "zod";
import type { Check } from "../../../check/check.ts";
import { Patience } from "../../../check/chorus.ts";
import { blocked, fail, list, type Outcome, pass, type Sentence, say } from "../../../check/outcome.ts";
import { poll } from "../../../check/poll.ts";
import type { Bound } from "../../cloud/checks/address.ts";
import type { Lets } from "../../cloud/checks/forwarding.ts";
import type { Inside } from "../../cloud/plan.ts";
import type { CloudGuest } from "../../cloud/topology.ts";
import { idOf, nicNameOf, sameName, subnetIdOf } from "../names.ts";
import { type MachineSeen, powerOf, type Scene } from "../scene.ts";
import { witnessOf } from "../userdata.ts";
import { gate } from "./gates.ts";
import { checkMetadata } from "./metadata.ts";

/** azure.vm, azure.bootstrap, azure.pubip and azure.metadata for each guest, azure.fwdflag for each that passes packets on. */
export function azureGuestChecks(scene: Scene, parts: Inside): readonly Check[] {
  return scene.config.guests.flatMap((guest) => {
    const { name } = guest;
    const outside = { target: name, after: [gate] as const, deadline: 60_000 };
    const inside = { target: name, after: [`g.ssh@${name}`] as const, deadline: 60_000 };
    const visit = parts.visit(name);
    return [
      {
        ...outside,
        id: "azure.vm",
        // A machine that was just started has no agent yet.
        deadline: scene.config.common.bootDeadline + 60_000,
        observe: async (signal) => {
          const patience = new Patience(scene.config.common.bootDeadline);
          const attempt = () => judgeMachine(scene, guest, { patience, signal });
          return (await poll(attempt, { first: 250, most: 5_000 }, signal)).value;
        },
      },
      { ...outside, id: "azure.bootstrap", observe: (signal) => checkBootstrap(scene, guest, signal) },
      parts.addressCheck(guest, (signal) => boundAddress(scene, guest, signal)),
      {
        ...inside,
        id: "azure.metadata",
        observe: (signal) => checkMetadata(scene, guest, { inside: visit, signal }),
      },
      ...parts.forwardingChecks(guest, (signal) => letsPass(scene, guest, signal)),
    ] satisfies readonly Check[];
  });
}

/** Provisioned is not running, and neither is booted: the agent in the guest tells of that. None while it may still boot. */
async function judgeMachine(
  scene: Scene,
  guest: CloudGuest,
  { patience, signal }: { patience: Patience; signal: AbortSignal },
): Promise<Outcome | undefined> {
  const { name } = guest;
  const seen = await scene.machine(guest, signal);
  if (seen === undefined) return fail(say`${name} does not exist`);
  const power = powerOf(seen);
  const { vmAgent } = seen.instanceView;
  const isReady = vmAgent?.statuses.some(({ code }) => code === "ProvisioningState/succeeded") === true;
  // As while a policy of the subscription has an extension installed, which says nothing of when it was switched on.
  const isChanging = ["Creating", "Updating"].includes(seen.provisioningState);
  if (isChanging && patience.mayBeBooting({ running: true }, 0)) return undefined;
  if (isChanging) return blocked(say`could not look: ${name} is still being provisioned`);
  if (!isReady && patience.mayBeBooting(power, 0)) return undefined;
  const wrong: Sentence[] = [
    seen.provisioningState === "Succeeded" ? [] : say`provisioning`,
    power.running ? [] : say`power`,
    isReady ? [] : say`agent`,
  ].flat();
  return wrong.length === 0
    ? pass(say`${name} is provisioned and runs, and its agent is ready`)
    : fail(say`${name} is not as it should be: ${list(wrong)}`);
}

const witness = z.object({ id: z.string(), userData: z.string().optional() });

/** What a machine is made from, and the digest of what it was given to become a guest; g.userdata proves that from inside. */
async function checkBootstrap(scene: Scene, guest: CloudGuest, signal: AbortSignal): Promise<Outcome> {
  const { config, functions } = scene;
  const args = { ...scene.named("vmName", guest.name), expand: "userData" };
  const token = "azure-native:compute:getVirtualMachine";
  const [seen, told, nic] = await Promise.all([
    scene.machine(guest, signal),
    functions.find({ token, args, model: witness }, signal),
    scene.nic(guest, signal),
  ]);
  if (seen === undefined || told === undefined) return fail(say`${guest.name} does not exist`);
  const { image, shape, user, zone, responders } = config;
  const { imageReference: made } = seen.storageProfile;
  const linux = seen.osProfile.linuxConfiguration;
  const wrong: Sentence[] = [
    made.publisher === image.publisher && made.offer === image.offer && made.sku === image.sku
      ? []
      : say`image`,
    made.exactVersion === image.version ? [] : say`image version`,
    seen.hardwareProfile.vmSize === shape ? [] : say`size`,
    (seen.zones ?? []).join() === (zone ?? "") ? [] : say`zone`,
    seen.osProfile.computerName === guest.name ? [] : say`computer name`,
    seen.osProfile.adminUsername === user ? [] : say`login name`,
    linux.disablePasswordAuthentication ? [] : say`passwords`,
    hasOnlyItsNic(scene, guest, seen) ? [] : say`interfaces`,
    nic?.ipConfigurations.map(({ privateIPAddress }) => privateIPAddress).join() === guest.address
      ? []
      : say`private address`,
    seen.identity === undefined || seen.identity === null ? [] : say`identity`,
    told.userData === witnessOf(guest, responders) ? [] : say`user data`,
  ].flat();
  return wrong.length === 0
    ? pass(say`${guest.name} was made from the declared image, size and user data`)
    : fail(say`${guest.name} differs in ${list(wrong)}`);
}

function hasOnlyItsNic({ config }: Scene, guest: CloudGuest, { networkProfile }: MachineSeen): boolean {
  const own = idOf(config, "Microsoft.Network/networkInterfaces", nicNameOf(guest));
  return networkProfile.networkInterfaces.every(({ id }) => sameName(id, own));
}

async function letsPass(scene: Scene, guest: CloudGuest, signal: AbortSignal): ReturnType<Lets> {
  const seen = await scene.nic(guest, signal);
  return seen === undefined
    ? fail(say`the interface of ${guest.name} does not exist`)
    : seen.enableIPForwarding;
}

async function boundAddress(scene: Scene, guest: CloudGuest, signal: AbortSignal): ReturnType<Bound> {
  const { name } = guest;
  const [address, nic] = await Promise.all([scene.address(guest, signal), scene.nic(guest, signal)]);
  if (address === undefined) return fail(say`the public address of ${name} does not exist`);
  const place = nic?.ipConfigurations.find(({ id }) => sameName(id, address.ipConfiguration?.id));
  if (place === undefined || !sameName(place.publicIPAddress?.id, address.id))
    return fail(say`the public address of ${name} is not bound to it`);
  if (!sameName(place.subnet.id, subnetIdOf(scene.config)))
    return fail(say`${name} is in another subnet than the declared one`);
  return address.publicIPAllocationMethod !== "Static" || address.sku.name !== "Standard"
    ? fail(say`the public address of ${name} is not a lasting one`)
    : { address: address.ipAddress };
}
