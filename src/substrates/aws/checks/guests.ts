// What EC2 tells of each guest's instance and address, and what the guest sees of that from inside.
import type { Check } from "../../../check/check.ts";
import { fail, list, type Outcome, pass, type Sentence, say } from "../../../check/outcome.ts";
import type { Visit } from "../../../probes/guest.ts";
import { judgeEgress, planEgress } from "../../cloud/checks/egress.ts";
import { forwards } from "../../cloud/checks/inside.ts";
import type { Inside } from "../../cloud/plan.ts";
import type { CloudGuest } from "../../cloud/topology.ts";
import { digestOf, userDataOf } from "../../cloud/userdata.ts";
import type { InstanceSeen, Scene } from "../scene.ts";
import { gate } from "./gates.ts";
import { checkMetadata } from "./metadata.ts";

/** aws.bootstrap, aws.pubip and aws.metadata for each guest, aws.fwdflag for each that passes packets on. */
export function awsGuestChecks(scene: Scene, parts: Inside): readonly Check[] {
  return scene.config.guests.flatMap((guest) => {
    const { name } = guest;
    const outside = { target: name, after: [gate] as const, deadline: 60_000 };
    const inside = { target: name, after: [`g.ssh@${name}`] as const, deadline: 60_000 };
    const seen = (signal: AbortSignal) => scene.instance(guest, signal);
    return [
      {
        ...outside,
        id: "aws.bootstrap",
        observe: async (signal) => judgeBootstrap(scene, guest, await seen(signal)),
      },
      addressCheck(scene, guest, parts),
      {
        ...inside,
        id: "aws.metadata",
        observe: (signal) => checkMetadata(scene, guest, { inside: parts.visit(name), signal }),
      },
      ...(guest.forwards
        ? [
            {
              ...inside,
              id: "aws.fwdflag" as const,
              observe: async (signal: AbortSignal) =>
                judgeForwarding(guest, await seen(signal), parts.visit(name)),
            },
          ]
        : []),
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

/** Both halves: the cloud lets packets pass that are not the guest's own, and the guest passes them on. */
function judgeForwarding({ name }: CloudGuest, seen: InstanceSeen | undefined, inside: Visit): Outcome {
  if (seen === undefined) return fail(say`${name} does not exist`);
  if (seen.sourceDestCheck)
    return fail(say`packets that are not from or to ${name} itself are dropped before it`);
  return forwards(inside)
    ? pass(say`${name} may pass packets on, and does`)
    : fail(say`${name} may pass packets on, and does not`);
}

/**
 * The address is bound to the instance, and it is what other guests see the instance come from when it goes out to the
 * internet. That it leads to the instance is what g.ssh shows, which came in by it.
 */
function addressCheck(scene: Scene, guest: CloudGuest, { mesh, deadline }: Inside): Check {
  const { name } = guest;
  const { guests, responders } = scene.config;
  const publicAddress = async (peer: CloudGuest, signal: AbortSignal) =>
    (await scene.address(peer, signal))?.publicIp;
  const sources = planEgress(guest, { guests, responders, mesh, publicAddress });
  return {
    id: "aws.pubip",
    target: name,
    // Not behind the login: without an address there is none, and this is what says why.
    after: [gate],
    deadline,
    observe: async (signal) => {
      const [address, instance] = await Promise.all([
        scene.address(guest, signal),
        scene.instance(guest, signal),
      ]);
      if (address === undefined) return fail(say`the public address of ${name} does not exist`);
      if (address.associationId === "" || address.instanceId !== instance?.id)
        return fail(say`the public address of ${name} is not bound to it`);
      return judgeEgress(name, address.publicIp, await sources(signal));
    },
  };
}
