// What a cloud's guests tell from inside: their addresses, which instance they are, and what they made of their user data.
import type { Check } from "../../../check/check.ts";
import { fail, type Outcome, pass, say } from "../../../check/outcome.ts";
import { Unreadable } from "../../../check/unreadable.ts";
import type { Name } from "../../../environment/name.ts";
import type { Visit } from "../../../probes/guest.ts";
import { addressProbe, judgeAddresses } from "../../../probes/readers/address.ts";
import { forwardingProbe } from "../../../probes/readers/forwarding.ts";
import {
  instanceProbe,
  readInstance,
  readUserData,
  userDataProbe,
} from "../../../probes/readers/identity.ts";
import { demandRoot, rootProbe } from "../../../probes/readers/root.ts";
import type { Probe, Reading } from "../../../probes/transport.ts";
import type { CloudGuest } from "../topology.ts";
import { markerPath } from "../userdata.ts";

/** What the last command of the user data leaves behind. */
const markerProbe: Probe = { id: "marker", argv: ["cat", markerPath], timeout: 5 };

/** What the session to a guest is opened with. */
export const cloudGreeting: readonly Probe[] = [
  ...[rootProbe, addressProbe, instanceProbe, userDataProbe],
  ...[markerProbe, forwardingProbe],
];

/** What a guest should be, as its cloud tells. */
export type Inside = {
  readonly visit: (name: Name) => Visit;
  /** Prefix length of the subnet. */
  readonly bits: number;
  /** SHA-256 of the user data that it was to be given. */
  readonly digest: (guest: CloudGuest) => string;
  /** The id that cloud-init must have set the guest up for; none where the cloud has no such guest. Throws `Unreadable`. */
  readonly instance: (guest: CloudGuest, signal: AbortSignal) => Promise<string | undefined>;
};

/** g.addr, g.userdata and g.instanceid for each guest. */
export function insideChecks(guests: readonly CloudGuest[], parts: Inside): readonly Check[] {
  return guests.flatMap((guest) => {
    const { name, address } = guest;
    const about = { target: name, after: [`g.cloudinit@${name}`] as const, deadline: 15_000 };
    const inside = parts.visit(name);
    return [
      {
        ...about,
        id: "g.addr",
        observe: async () =>
          judgeAddresses(inside.greeted(addressProbe), name, {
            addresses: [`${address}/${parts.bits}`],
            // What every cloud passes at least.
            mtu: 1500,
          }),
      },
      { ...about, id: "g.userdata", observe: async () => judgeUserData(name, inside, parts.digest(guest)) },
      {
        ...about,
        id: "g.instanceid",
        observe: async (signal) => {
          const expected = await parts.instance(guest, signal);
          if (expected === undefined) throw new Unreadable("no-expectation", `no instance ${name}`);
          return readInstance(inside.greeted(instanceProbe)) === expected
            ? pass(say`${name} is the instance that the provider has under its name`)
            : fail(say`${name} is another instance than the provider has under its name`);
        },
      },
    ] satisfies readonly Check[];
  });
}

function judgeUserData(guest: Name, inside: Visit, digest: string): Outcome {
  demandRoot(inside.greeted(rootProbe));
  if (readUserData(inside.greeted(userDataProbe)) !== digest)
    return fail(say`${guest} was given other user data than declared`);
  return readMarker(inside.greeted(markerProbe)) === digest
    ? pass(say`${guest} was given the declared user data and has carried it out`)
    : fail(say`${guest} has not carried out the declared user data to its end`);
}

/** None where there is no such file. Throws `Unreadable`. */
function readMarker(reading: Reading | undefined): string | undefined {
  if (reading === undefined || reading.truncated || ![0, 1].includes(reading.exit))
    throw new Unreadable("unparsable", "the marker of user data");
  return /^[0-9a-f]{64}/.exec(reading.stdout)?.[0];
}
