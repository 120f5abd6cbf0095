// Where a guest comes from as other guests see it, when it goes out to the internet: told by their responders.
import { fail, type Outcome, pass, say } from "../../../check/outcome.ts";
import { Unreadable } from "../../../check/unreadable.ts";
import type { Name } from "../../../environment/name.ts";
import type { GuestMesh } from "../../../probes/mesh.ts";
import { datagram, readDatagram } from "../../../probes/readers/udp.ts";
import type { Reading } from "../../../probes/transport.ts";
import type { CloudGuest } from "../topology.ts";
import type { Responders } from "../userdata.ts";

/** What is needed to have a guest seen by its siblings. */
export type Siblings = {
  readonly guests: readonly CloudGuest[];
  readonly responders: Responders;
  readonly mesh: GuestMesh;
  /** The public address of a guest; none where it has none. Throws `Unreadable`. */
  readonly publicAddress: (guest: CloudGuest, signal: AbortSignal) => Promise<string | undefined>;
};

/** Sends one datagram, and gives the address that it was seen to come from; none where nothing came. */
type Egress = (signal: AbortSignal) => Promise<string | undefined>;

/**
 * Plans a datagram from a guest to each of its siblings' public addresses. The function given back tells the addresses that
 * those which it reached saw it come from.
 * @throws Unreadable where none was reached and not all could be tried; the function alone
 */
export function planEgress(
  guest: CloudGuest,
  siblings: Siblings,
): (signal: AbortSignal) => Promise<readonly string[]> {
  const [port] = siblings.responders.udp;
  const peers = port === undefined ? [] : siblings.guests.filter((other) => other !== guest);
  const ways = peers.map((peer) => egress(guest, { peer, port: port ?? 0 }, siblings));
  return async (signal) => {
    const answers = await Promise.allSettled(ways.map((way) => way(signal)));
    const seen = answers.flatMap((answer) => (answer.status === "fulfilled" ? (answer.value ?? []) : []));
    const [refused] = answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason] : []));
    // Where not all could be tried, the silence of the others may be their own.
    if (seen.length > 0 || (answers.length > 0 && refused === undefined)) return seen;
    throw refused ?? new Unreadable("no-expectation", "no other guest with a UDP responder");
  };
}

/** Whether all that a guest was seen to come from is its own public address. */
export function judgeEgress(name: Name, own: string | undefined, seen: readonly string[]): Outcome {
  if (seen.length === 0) return fail(say`${name} reaches no public address of another guest`);
  return seen.every((source) => source === own)
    ? pass(
        say`the public address of ${name} is bound to it, and ${seen.length} guests see it come from there`,
      )
    : fail(say`${name} goes out by another address than its own`);
}

type Way = { readonly peer: CloudGuest; readonly port: number };

function egress({ name }: CloudGuest, { peer, port }: Way, { mesh, publicAddress }: Siblings): Egress {
  return mesh.plan(name, async (signal) => {
    const address = await publicAddress(peer, signal);
    if (address === undefined) throw new Unreadable("no-expectation", `no public address of ${peer.name}`);
    const sent = datagram("egress", { address, port });
    const read = (answer: Reading) => {
      const echo = readDatagram(sent, answer);
      return echo.port === "open" ? echo.seen : undefined;
    };
    return { probe: sent.probe, read };
  });
}
