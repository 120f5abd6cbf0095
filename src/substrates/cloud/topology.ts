// Resolves the names in a cloud's config, so that nothing behind the door has to look them up again.
import type { Endpoint } from "../../environment/common.ts";
import { type Name, name } from "../../environment/name.ts";
import { Problem } from "../../environment/problem.ts";
import type { Secret } from "../../environment/secret.ts";
import { contains } from "../../world/address.ts";
import type { Abroad } from "../abroad.ts";
import type { Flow } from "../substrate.ts";
import { type CloudFlow, type CloudRule, isAbroad } from "./section.ts";

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

/** A flow between a guest and an endpoint of another substrate, at public addresses. */
export type Crossing = Pick<CloudFlow, "protocol" | "port" | "works"> & {
  readonly guest: CloudGuest;
  readonly far: Abroad;
  /** `out`: from the guest. */
  readonly way: "out" | "in";
};

/** The topology with every reference here resolved; what is on other substrates only they can tell. */
export type CloudTopology = {
  readonly guests: readonly CloudGuest[];
  readonly flows: readonly GuestFlow[];
  readonly crossings: readonly Crossing[];
};

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
      throw dangling(`${where}guests.${key}`, "an address in network.subnet", "one outside of it");
    const forwards = section.forwarding.includes(role);
    return { name: name.parse(key), role, address, hostKey, forwards };
  });
  for (const role of section.forwarding)
    if (!guests.some((guest) => guest.role === role))
      throw dangling(`${where}forwarding`, "the role of a guest", role);
  const stories = section.ingress.map(({ about }) => about);
  const twice = stories.find((about, index) => stories.indexOf(about) !== index);
  if (twice !== undefined) throw dangling(`${where}ingress`, "every rule about something else", twice);
  const crosses = ({ from, to }: CloudFlow) => isAbroad(from) || isAbroad(to);
  const flows = section.flows
    .filter((flow) => !crosses(flow))
    .map((flow) => ({
      ...flow,
      from: find(guests, flow.from, `${where}flows`),
      to: find(guests, flow.to, `${where}flows`),
    }));
  const crossings = section.flows.filter(crosses).map((flow) => crossingOf(flow, guests, `${where}flows`));
  return { guests, flows, crossings };
}

/** Where each guest is inside; from outside it is known by its public address, which the cloud gives it. */
export function cloudEndpoints(guests: readonly CloudGuest[], user: string): readonly Endpoint[] {
  return guests.map(({ name: own, role, address }) => ({ name: own, role, host: address, port: 22, user }));
}

/** Those that must work inside. */
export function cloudFlows(flows: readonly GuestFlow[]): readonly Flow[] {
  return flows
    .filter(({ works, at }) => works && at === "private")
    .map(({ from, to, protocol, port }) => ({
      ...{ from: from.name, to: to.name, address: to.address },
      ...{ protocol, port },
    }));
}

function crossingOf(
  { from, to, protocol, port, works }: CloudFlow,
  guests: readonly CloudGuest[],
  where: string,
): Crossing {
  const way = isAbroad(to) ? "out" : "in";
  const [here, there] = way === "out" ? [from, to] : [to, from];
  const [substrate, endpoint] = there.split("/");
  const far = { substrate: name.parse(substrate), endpoint: name.parse(endpoint) };
  return { guest: find(guests, here, where), far, way, protocol, port, works };
}

function find(guests: readonly CloudGuest[], wanted: string, where: string): CloudGuest {
  const found = guests.find((guest) => guest.name === wanted);
  if (found !== undefined) return found;
  throw dangling(where, `one of ${guests.map((guest) => guest.name).join(", ")}`, wanted);
}

function dangling(subject: string, expected: string, actual: string): Problem {
  return new Problem({ subject, expected, actual, remedy: "correct the stack config" });
}
