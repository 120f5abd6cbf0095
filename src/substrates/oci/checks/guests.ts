// What OCI tells of each guest's instance, interface and address, and what the guest sees of that from inside.
import type { Check } from "../../../check/check.ts";
import { fail, list, type Outcome, pass, type Sentence, say } from "../../../check/outcome.ts";
import { publicKeyOf } from "../../../probes/key.ts";
import type { Bound } from "../../cloud/checks/address.ts";
import type { Lets } from "../../cloud/checks/forwarding.ts";
import { onceStarted } from "../../cloud/checks/started.ts";
import type { Inside } from "../../cloud/plan.ts";
import type { CloudGuest } from "../../cloud/topology.ts";
import { digestOf } from "../../cloud/userdata.ts";
import { guestDataOf } from "../metadata.ts";
import { isStarting, type Scene } from "../scene.ts";
import { checkFirewall } from "./firewall.ts";
import { gate } from "./gates.ts";
import { checkMetadata } from "./metadata.ts";

/** oci.bootstrap, oci.sshkey, oci.pubip, oci.metadata and g.fw for each guest, oci.fwdflag for each that passes packets on. */
export function ociGuestChecks(scene: Scene, parts: Inside): readonly Check[] {
  return scene.config.guests.flatMap((guest) => {
    const { name } = guest;
    const visit = parts.visit(name);
    const outside = { target: name, after: [gate] as const, deadline: 60_000 };
    const inside = { target: name, after: [`g.ssh@${name}`] as const, deadline: 60_000 };
    return [
      {
        ...outside,
        id: "oci.bootstrap",
        deadline: scene.config.common.bootDeadline + 60_000,
        observe: (signal) => checkBootstrap(scene, guest, signal),
      },
      { ...outside, id: "oci.sshkey", observe: (signal) => checkKey(scene, guest, signal) },
      parts.addressCheck(guest, (signal) => boundAddress(scene, guest, signal)),
      {
        ...inside,
        id: "oci.metadata",
        observe: (signal) => checkMetadata(scene, guest, { inside: visit, signal }),
      },
      {
        ...inside,
        after: [`g.cloudinit@${name}`],
        id: "g.fw",
        observe: (signal) => checkFirewall(scene.config, guest, { inside: visit, signal }),
      },
      ...parts.forwardingChecks(guest, (signal) => letsPass(scene, guest, signal)),
    ] satisfies readonly Check[];
  });
}

/** What an instance is made from, and what it was given to become a guest. */
async function checkBootstrap(scene: Scene, guest: CloudGuest, signal: AbortSignal): Promise<Outcome> {
  const { config } = scene;
  const { bootDeadline } = config.common;
  const see = () => scene.instance(guest, signal);
  const seen = await onceStarted(see, isStarting, { bootDeadline, signal });
  const vnics = await scene.vnics(guest, signal);
  if (seen === undefined) return fail(say`${guest.name} does not exist`);
  const given = Buffer.from(seen.metadata.user_data ?? "", "base64").toString();
  const [size] = seen.shapeConfigs;
  const [source] = seen.sourceDetails;
  const sized = size?.ocpus === config.shape.ocpus && size.memoryInGbs === config.shape.memory;
  const [first, ...more] = vnics;
  const wrong: Sentence[] = [
    source?.sourceType === "image" && source.sourceId === config.image.id ? [] : say`image`,
    seen.shape === config.shape.name && sized ? [] : say`shape`,
    first?.privateIpAddress === guest.address && more.length === 0 ? [] : say`network interfaces`,
    seen.availabilityDomain === config.domain && seen.faultDomain === config.faultDomain ? [] : say`place`,
    seen.state === "RUNNING" ? [] : say`state`,
    digestOf(given) === digestOf(guestDataOf(config, guest)) ? [] : say`user data`,
  ].flat();
  return wrong.length === 0
    ? pass(say`${guest.name} runs, and was made from the declared image, shape and user data`)
    : fail(say`${guest.name} differs in ${list(wrong)}`);
}

/** There is no key apart from instances: each holds its own. */
async function checkKey(scene: Scene, guest: CloudGuest, signal: AbortSignal): Promise<Outcome> {
  const seen = await scene.instance(guest, signal);
  if (seen === undefined) return fail(say`${guest.name} does not exist`);
  const keys = (seen.metadata.ssh_authorized_keys ?? "").split("\n").filter((line) => line !== "");
  const bodies = keys.map((line) => line.split(" ").slice(0, 2).join(" "));
  return bodies.join("\n") === publicKeyOf(scene.config.common.sshKey)
    ? pass(say`${guest.name} was given the declared key, and no other`)
    : fail(say`${guest.name} was given other keys than the declared one`);
}

async function letsPass(scene: Scene, guest: CloudGuest, signal: AbortSignal): ReturnType<Lets> {
  const vnics = await scene.vnics(guest, signal);
  return vnics.length === 0
    ? fail(say`${guest.name} has no network interface`)
    : vnics.every(({ skipSourceDestCheck }) => skipSourceDestCheck);
}

async function boundAddress(scene: Scene, guest: CloudGuest, signal: AbortSignal): ReturnType<Bound> {
  const { name } = guest;
  const address = await scene.address(guest, signal);
  if (address === undefined) return fail(say`the public address of ${name} does not exist`);
  if (address.lifetime !== "RESERVED") return fail(say`the public address of ${name} is not reserved`);
  const [vnics, bound] = await Promise.all([
    scene.vnics(guest, signal),
    scene.vnicOf(address.privateIpId, guest, signal),
  ]);
  const own = vnics.find(({ publicIpAddress }) => publicIpAddress === address.ipAddress);
  return address.state !== "ASSIGNED" || own === undefined || own.vnicId !== bound
    ? fail(say`the public address of ${name} is not bound to it`)
    : { address: address.ipAddress };
}
