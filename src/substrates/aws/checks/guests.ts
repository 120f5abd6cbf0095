// What EC2 tells of each guest's instance and address, and what the guest sees of that from inside.
import type { Check } from "../../../check/check.ts";
import { fail, list, type Outcome, pass, type Sentence, say } from "../../../check/outcome.ts";
import type { Bound } from "../../cloud/checks/address.ts";
import type { Lets } from "../../cloud/checks/forwarding.ts";
import { onceStarted } from "../../cloud/checks/started.ts";
import type { Inside } from "../../cloud/plan.ts";
import type { CloudGuest } from "../../cloud/topology.ts";
import { digestOf, userDataOf } from "../../cloud/userdata.ts";
import { type InstanceSeen, isStarting, type Scene } from "../scene.ts";
import { gate } from "./gates.ts";
import { checkMetadata } from "./metadata.ts";

/** aws.bootstrap, aws.pubip and aws.metadata for each guest, aws.fwdflag for each that passes packets on. */
export function awsGuestChecks(scene: Scene, parts: Inside): readonly Check[] {
  const { bootDeadline } = scene.config.common;
  return scene.config.guests.flatMap((guest) => {
    const { name } = guest;
    const outside = { target: name, after: [gate] as const, deadline: 60_000 };
    const inside = { target: name, after: [`g.ssh@${name}`] as const, deadline: 60_000 };
    return [
      {
        ...outside,
        id: "aws.bootstrap",
        deadline: bootDeadline + 60_000,
        observe: async (signal) => {
          const see = () => scene.instance(guest, signal);
          return judgeBootstrap(scene, guest, await onceStarted(see, isStarting, { bootDeadline, signal }));
        },
      },
      parts.addressCheck(guest, (signal) => boundAddress(scene, guest, signal)),
      {
        ...inside,
        id: "aws.metadata",
        observe: (signal) => checkMetadata(scene, guest, { inside: parts.visit(name), signal }),
      },
      ...parts.forwardingChecks(guest, (signal) => letsPass(scene, guest, signal)),
    ] satisfies readonly Check[];
  });
}

/** What an instance is made from, and what it was given to become a guest. */
function judgeBootstrap({ config }: Scene, guest: CloudGuest, seen: InstanceSeen | undefined): Outcome {
  if (seen === undefined) return fail(say`${guest.name} does not exist`);
  const given = Buffer.from(seen.userDataBase64, "base64").toString();
  const wrong: Sentence[] = [
    seen.ami === config.image.id ? [] : say`image`,
    seen.instanceType === config.shape ? [] : say`instance type`,
    seen.privateIp === guest.address ? [] : say`private address`,
    seen.instanceState === "running" ? [] : say`state`,
    digestOf(given) === digestOf(userDataOf(guest, config.responders)) ? [] : say`user data`,
  ].flat();
  return wrong.length === 0
    ? pass(say`${guest.name} runs, and was made from the declared image, type and user data`)
    : fail(say`${guest.name} differs in ${list(wrong)}`);
}

async function letsPass(scene: Scene, guest: CloudGuest, signal: AbortSignal): ReturnType<Lets> {
  const seen = await scene.instance(guest, signal);
  return seen === undefined ? fail(say`${guest.name} does not exist`) : !seen.sourceDestCheck;
}

async function boundAddress(scene: Scene, guest: CloudGuest, signal: AbortSignal): ReturnType<Bound> {
  const [address, instance] = await Promise.all([
    scene.address(guest, signal),
    scene.instance(guest, signal),
  ]);
  if (address === undefined) return fail(say`the public address of ${guest.name} does not exist`);
  return address.associationId === "" || address.instanceId !== instance?.id
    ? fail(say`the public address of ${guest.name} is not bound to it`)
    : { address: address.publicIp };
}
