// What EC2 tells of each guest's instance and address, and what the guest sees of that from inside.
import type { Check } from "../../../check/check.ts";
import { fail, list, type Outcome, pass, type Sentence, say } from "../../../check/outcome.ts";
import { Unreadable } from "../../../check/unreadable.ts";
import type { Name } from "../../../environment/name.ts";
import type { Visit } from "../../../probes/guest.ts";
import type { GuestMesh } from "../../../probes/mesh.ts";
import { datagram, readDatagram } from "../../../probes/readers/udp.ts";
import { forwards } from "../../cloud/checks/inside.ts";
import type { CloudGuest } from "../../cloud/topology.ts";
import { digestOf, userDataOf } from "../../cloud/userdata.ts";
import type { InstanceSeen, Scene } from "../scene.ts";
import { gate } from "./gates.ts";
import { checkMetadata } from "./metadata.ts";

type Parts = { readonly visit: (name: Name) => Visit; readonly mesh: GuestMesh; readonly deadline: number };

/** aws.bootstrap, aws.pubip and aws.metadata for each guest, aws.fwdflag for each that passes packets on. */
export function awsGuestChecks(scene: Scene, parts: Parts): readonly Check[] {
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
 * The address is bound to the instance, SSH came in by it (g.ssh), and it is what another guest sees the instance come
 * from when it goes out to the internet.
 */
function addressCheck(scene: Scene, guest: CloudGuest, { mesh, deadline }: Parts): Check {
  const { name } = guest;
  const peer = scene.config.guests.find((other) => other !== guest);
  const [port] = scene.config.responders.udp;
  const seenBy =
    peer === undefined || port === undefined ? undefined : egress(scene, guest, { peer, port, mesh });
  return {
    id: "aws.pubip",
    target: name,
    after: [`g.ssh@${name}`, ...(peer === undefined ? [] : [`g.ssh@${peer.name}` as const])],
    deadline,
    observe: async (signal) => {
      const [address, instance] = await Promise.all([
        scene.address(guest, signal),
        scene.instance(guest, signal),
      ]);
      if (address === undefined) return fail(say`the public address of ${name} does not exist`);
      if (address.associationId === "" || address.instanceId !== instance?.id)
        return fail(say`the public address of ${name} is not bound to it`);
      if (seenBy === undefined) throw new Unreadable("no-expectation", "no other guest with a UDP responder");
      const seen = await seenBy(signal);
      if (seen === undefined) return fail(say`${name} reaches no public address of another guest`);
      return seen === address.publicIp
        ? pass(say`${name} is reached by its public address, and goes out by it`)
        : fail(say`${name} goes out by another address than its own`);
    },
  };
}

type Way = { readonly peer: CloudGuest; readonly port: number; readonly mesh: GuestMesh };

/** The address that another guest sees this one come from; none where nothing came. */
function egress(scene: Scene, { name }: CloudGuest, { peer, port, mesh }: Way) {
  let sent: ReturnType<typeof datagram> | undefined;
  const reading = mesh.plan(name, async (signal) => {
    const address = (await scene.address(peer, signal))?.publicIp;
    if (address === undefined) throw new Unreadable("no-expectation", `no public address of ${peer.name}`);
    sent = datagram("egress", { address, port });
    return sent.probe;
  });
  return async (signal: AbortSignal): Promise<string | undefined> => {
    const answer = await reading(signal);
    if (sent === undefined) throw new TypeError("unreachable: a reading has a probe");
    const echo = readDatagram(sent, answer);
    return echo.port === "open" ? echo.seen : undefined;
  };
}
