// Resolves the names in a cloud's config, so that nothing behind the door has to look them up again.
import type { Endpoint } from "../../environment/common.ts";
import { type Name, name } from "../../environment/name.ts";
import { Problem } from "../../environment/problem.ts";
import type { Secret } from "../../environment/secret.ts";
import { contains } from "../../world/address.ts";
import type { CloudFlow, CloudRule } from "./section.ts";

/** A guest with its logical name. */
export type CloudGuest = {
  readonly name: Name;
  readonly role: Name;
  readonly address: string;
  readonly hostKey: Secret;
  /** Whether it passes packets on. */
  readonly forwards: boolean;
};

/** A flow between known guests. */
export type GuestFlow = Omit<CloudFlow, "from" | "to"> & {
  readonly from: CloudGuest;
  readonly to: CloudGuest;
};

/** The topology with every reference resolved. */
export type CloudTopology = { readonly guests: readonly CloudGuest[]; readonly flows: readonly GuestFlow[] };

type Written = {
  readonly guests: Readonly<Record<string, { readonly role: Name; readonly address: string }>>;
  readonly hostKeys: Readonly<Record<string, Secret>>;
  readonly forwarding: readonly Name[];
  readonly ingress: readonly CloudRule[];
  readonly flows: readonly CloudFlow[];
};

/**
 * Resolves guests and flows.
 * @param where the section, for errors: `stacks/Pulumi.<stack>.yaml <namespace>:`
 * @throws Problem for a name that names nothing, an address outside of the subnet, rules that nothing tells apart
 */
export function resolveCloud(section: Written, subnet: string, where: string): CloudTopology {
  const guests = Object.entries(section.guests).map(([key, { role, address }]) => {
    const hostKey = section.hostKeys[key];
    if (hostKey === undefined) throw dangling(`${where}hostKeys`, "a key for every guest", `none for ${key}`);
    if (!contains(subnet, address))
      throw dangling(`${where}guests.${key}`, `an address in ${subnet}`, address);
    const forwards = section.forwarding.includes(role);
    return { name: name.parse(key), role, address, hostKey, forwards };
  });
  for (const role of section.forwarding)
    if (!guests.some((guest) => guest.role === role))
      throw dangling(`${where}forwarding`, "the role of a guest", role);
  const stories = section.ingress.map(({ about }) => about);
  const twice = stories.find((about, index) => stories.indexOf(about) !== index);
  if (twice !== undefined) throw dangling(`${where}ingress`, "every rule about something else", twice);
  const flows = section.flows.map((flow) => ({
    ...flow,
    from: find(guests, flow.from, `${where}flows`),
    to: find(guests, flow.to, `${where}flows`),
  }));
  return { guests, flows };
}

/** Where each guest is inside; from outside it is known by its public address, which the cloud gives it. */
export function cloudEndpoints(guests: readonly CloudGuest[], user: string): readonly Endpoint[] {
  return guests.map(({ name: own, role, address }) => ({ name: own, role, host: address, port: 22, user }));
}

function find(guests: readonly CloudGuest[], wanted: Name, where: string): CloudGuest {
  const found = guests.find((guest) => guest.name === wanted);
  if (found !== undefined) return found;
  throw dangling(where, `one of ${guests.map((guest) => guest.name).join(", ")}`, wanted);
}

function dangling(subject: string, expected: string, actual: string): Problem {
  return new Problem({ subject, expected, actual, remedy: "correct the stack config" });
}
