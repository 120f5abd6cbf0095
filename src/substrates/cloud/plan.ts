// The part of a cloud's plan that only guests can tell, the same for every cloud: logins, what is inside, and flows.
import type { Check } from "../../check/check.ts";
import { Chorus, type Power } from "../../check/chorus.ts";
import type { CheckId } from "../../check/key.ts";
import { Unreadable } from "../../check/unreadable.ts";
import type { Common } from "../../environment/common.ts";
import type { Name } from "../../environment/name.ts";
import { guestChecks, settlingTime, type Visit } from "../../probes/guest.ts";
import { publicKeyOf } from "../../probes/key.ts";
import { GuestMesh } from "../../probes/mesh.ts";
import { prefixOf } from "../../world/address.ts";
import type { Sight } from "../substrate.ts";
import { abroadChecks } from "./checks/abroad.ts";
import { addressCheck, type Bound } from "./checks/address.ts";
import { flowChecks, type Trials } from "./checks/flows.ts";
import { forwardingChecks, type Lets } from "./checks/forwarding.ts";
import { cloudGreeting, insideChecks } from "./checks/inside.ts";
import { type CloudGuest, type CloudTopology, cloudEndpoints } from "./topology.ts";
import type { Responders } from "./userdata.ts";

/** What a cloud tells of its guests, and what differs from cloud to cloud in asking them. */
export type Guests = {
  readonly config: CloudTopology & {
    readonly common: Common;
    readonly user: string;
    readonly responders: Responders;
  };
  /** The cloud's name, which its checks' ids begin with. */
  readonly own: string;
  readonly sight: Pick<Sight, "closing" | "edge" | "debug" | "hostKeys">;
  /** The last gate: before it nothing is known to be the expected account. */
  readonly gate: CheckId;
  /** The network that guests are in: `10.90.1.0/24`. */
  readonly subnet: string;
  /** As `cloud-init status` names them. */
  readonly datasource: readonly string[];
  /** SHA-256 of the user data that a guest was to be given. */
  readonly digest: (guest: CloudGuest) => string;
  /** The id that cloud-init must have set the guest up for; none where there is no such guest. Throws `Unreadable`. */
  readonly instance: (guest: CloudGuest, signal: AbortSignal) => Promise<string | undefined>;
  /** None where it has none. Throws `Unreadable`. */
  readonly publicAddress: (guest: CloudGuest, signal: AbortSignal) => Promise<string | undefined>;
  readonly power: (guest: CloudGuest, signal: AbortSignal) => Promise<Power>;
};

/** What checks of the cloud's own need to look inside guests. */
export type Inside = {
  readonly visit: (name: Name) => Visit;
  /** `<cloud>.pubip` of a guest. */
  readonly addressCheck: (guest: CloudGuest, bound: Bound) => Check;
  /** `<cloud>.fwdflag` of a guest, where it is to pass packets on. */
  readonly forwardingChecks: (guest: CloudGuest, lets: Lets) => readonly Check[];
};

/** All that is asked inside. @param own the cloud's own checks that go inside, which must be planned before flows are tried */
export function planGuests(parts: Guests, own: (inside: Inside) => readonly Check[]): readonly Check[] {
  const { config, gate, sight, publicAddress, digest, instance } = parts;
  const names = config.guests.map(({ name }) => name);
  const { checks, visit } = guestChecks({
    endpoints: cloudEndpoints(config.guests, config.user),
    access: config.common,
    chorus: new Chorus(names),
    after: () => [gate],
    expected: ({ name }) => expectationOf(parts, name),
    greeting: cloudGreeting,
    met: sight.hostKeys.met,
    closing: sight.closing,
  });
  const settled = Promise.all(names.map((name) => visit(name).settled));
  const mesh = new GuestMesh(settled, visit);
  const deadline = settlingTime(config.common.bootDeadline) + 120_000;
  const trials = { own: parts.own, mesh, publicAddress, deadline };
  return [
    ...checks,
    ...insideChecks(config.guests, { visit, bits: prefixOf(parts.subnet), digest, instance }),
    ...own(insideOf(parts, { visit, trials })),
    ...flowChecks(config.flows, trials),
    ...abroadChecks(config.crossings, { ...trials, sight, visit, settled }),
  ];
}

type Ways = Pick<Inside, "visit"> & { readonly trials: Trials };

function insideOf({ config, own, gate }: Guests, { visit, trials }: Ways): Inside {
  const { guests, responders } = config;
  return {
    visit,
    addressCheck: (guest, bound) => addressCheck(guest, bound, { ...trials, guests, responders, gate }),
    forwardingChecks: (guest, lets) => forwardingChecks(guest, lets, { own, visit: visit(guest.name) }),
  };
}

function expectationOf({ config, datasource, publicAddress, power }: Guests, endpoint: Name) {
  const guest = config.guests.find(({ name }) => name === endpoint);
  if (guest === undefined) throw new TypeError(`${endpoint} is not a guest`);
  return {
    hostname: guest.name,
    datasource,
    bootDeadline: config.common.bootDeadline,
    host: async (signal: AbortSignal) => {
      const address = await publicAddress(guest, signal);
      if (address === undefined) throw new Unreadable("no-expectation", `no public address of ${guest.name}`);
      return address;
    },
    owns: async (shown: string) => shown === publicKeyOf(guest.hostKey),
    power: (signal: AbortSignal) => power(guest, signal),
  };
}
