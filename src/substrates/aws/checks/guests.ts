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
 * The address is bound to the instance, and it is what other guests see the instance come from when it goes out to the
 * internet. That it leads to the instance is what g.ssh shows, which came in by it.
 */
function addressCheck(scene: Scene, guest: CloudGuest, { mesh, deadline }: Parts): Check {
  const { name } = guest;
  const [port] = scene.config.responders.udp;
  const peers = port === undefined ? [] : scene.config.guests.filter((other) => other !== guest);
  const ways = peers.map((peer) => egress(scene, guest, { peer, port: port ?? 0, mesh }));
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
      const seen = (await seenBy(ways, signal)).filter((source) => source !== undefined);
      if (seen.length === 0) return fail(say`${name} reaches no public address of another guest`);
      return seen.every((source) => source === address.publicIp)
        ? pass(
            say`the public address of ${name} is bound to it, and ${seen.length} guests see it come from there`,
          )
        : fail(say`${name} goes out by another address than its own`);
    },
  };
}

type Egress = (signal: AbortSignal) => Promise<string | undefined>;

/** What could be seen; throws `Unreadable` where nothing could. */
async function seenBy(
  ways: readonly Egress[],
  signal: AbortSignal,
): Promise<readonly (string | undefined)[]> {
  const answers = await Promise.allSettled(ways.map((way) => way(signal)));
  const seen = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
  const [refused] = answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason] : []));
  if (seen.length > 0) return seen;
  throw refused ?? new Unreadable("no-expectation", "no other guest with a UDP responder");
}

type Way = { readonly peer: CloudGuest; readonly port: number; readonly mesh: GuestMesh };

/** The address that another guest sees this one come from; none where nothing came. */
function egress(scene: Scene, { name }: CloudGuest, { peer, port, mesh }: Way): Egress {
  let sent: ReturnType<typeof datagram> | undefined;
  const reading = mesh.plan(name, async (signal) => {
    const address = (await scene.address(peer, signal))?.publicIp;
    if (address === undefined) throw new Unreadable("no-expectation", `no public address of ${peer.name}`);
    sent = datagram("egress", { address, port });
    return sent.probe;
  });
  return async (signal) => {
    const answer = await reading(signal);
    if (sent === undefined) throw new TypeError("unreachable: a reading has a probe");
    const echo = readDatagram(sent, answer);
    return echo.port === "open" ? echo.seen : undefined;
  };
}
