// Resolves the names in a PVE config to what they name, so that nothing behind the door has to look them up again.
import type { Endpoint } from "../../environment/common.ts";
import { type Name, name } from "../../environment/name.ts";
import { Problem } from "../../environment/problem.ts";
import type { BridgeSection, GuestSection, PveSection } from "./section.ts";

/** A bridge with its logical name. */
export type Bridge = BridgeSection & { readonly name: Name };

/** A guest's network interface on a known bridge. */
type GuestNic = Omit<GuestSection["nics"][number], "bridge"> & { readonly bridge: Bridge };

/** A guest with its logical name. */
export type Guest = Omit<GuestSection, "nics"> & { readonly name: Name; readonly nics: readonly GuestNic[] };

/** One guest must reach another at this address. */
export type Flow = { readonly from: Guest; readonly to: Guest; readonly address: string };

/** One guest must not find another's address on the wire. */
type Isolation = Flow & {
  /** Numbers of the interfaces of `from` whose VLAN `to` is not in. */
  readonly nics: readonly number[];
};

/** A guest that the internet knows. */
type EdgeGuest = { readonly guest: Guest; readonly publicAddress: string };

/** The topology with every reference resolved. */
export type Topology = {
  readonly bridges: readonly Bridge[];
  readonly guests: readonly Guest[];
  readonly flows: readonly Flow[];
  readonly isolated: readonly Isolation[];
  readonly edges: readonly EdgeGuest[];
};

/**
 * Resolves bridges, guests and flows.
 * @throws Problem for a name that names nothing, a bridge on another node than the guest, or a template and an image that
 * do not go together
 */
export function resolve(section: PveSection, origin: string): Topology {
  refuseUnlike(section, origin);
  const bridges = named(section.bridges);
  const guests = named(section.guests).map((guest) => ({
    ...guest,
    nics: guest.nics.map((nic) => {
      const where = `${origin} pve:guests.${guest.name}`;
      const bridge = find(bridges, nic.bridge, where);
      if (bridge.node === guest.node) return { ...nic, bridge };
      throw dangling(where, `a bridge on ${guest.node}`, `${bridge.name} on ${bridge.node}`);
    }),
  }));
  for (const { node, name: own } of [...bridges, ...guests])
    if (!section.nodes.includes(node)) throw dangling(`${origin} pve: ${own}`, "a node of pve:nodes", node);
  for (const role of section.forwarding)
    if (!guests.some((guest) => guest.role === role))
      throw dangling(`${origin} pve:forwarding`, "the role of a guest", role);
  return {
    bridges,
    guests,
    flows: section.flows.map((flow) => flowOf(flow, guests, `${origin} pve:flows`)),
    isolated: section.isolated.map((flow) => isolationOf(flow, guests, `${origin} pve:isolated`)),
    edges: Object.entries(section.edges).map(([key, publicAddress]) => ({
      guest: find(guests, key, `${origin} pve:edges`),
      publicAddress,
    })),
  };
}

/** A template that is made here is made from an image, and one that is adopted from none. */
function refuseUnlike({ template, image }: PveSection, origin: string): void {
  const subject = `${origin} pve:image`;
  if (template.adopt === undefined && image === undefined)
    throw dangling(subject, "the image that the template is made from, or pve:template with `adopt`", "none");
  if (template.adopt !== undefined && image !== undefined)
    throw dangling(subject, "none, for pve:template is adopted", "an image");
}

/** The largest packet that every declared bridge passes, in bytes. */
export function wholePacket({ bridges }: Pick<Topology, "bridges">): number {
  return Math.min(...bridges.map(({ mtu }) => mtu));
}

/** Where each guest is reached over SSH: at its first interface. */
export function endpointsOf(guests: readonly Guest[], user: string): readonly Endpoint[] {
  return guests.map(({ name: own, role, nics: [first] }) => ({
    name: own,
    role,
    host: hostPart(first?.address ?? ""),
    port: 22,
    user,
  }));
}

function isolationOf(
  flow: PveSection["isolated"][number],
  guests: readonly Guest[],
  where: string,
): Isolation {
  const found = flowOf(flow, guests, where);
  const nics = found.from.nics.flatMap(({ vlan }, index) =>
    found.to.nics.some((nic) => nic.vlan === vlan) ? [] : [index],
  );
  if (nics.length > 0) return { ...found, nics };
  throw dangling(where, `an interface of ${found.from.name} in a VLAN without ${found.to.name}`, "none");
}

function flowOf(flow: PveSection["flows"][number], guests: readonly Guest[], where: string): Flow {
  const to = find(guests, flow.to, where);
  const nic = to.nics[flow.via];
  if (nic === undefined) throw dangling(where, `an interface of ${to.name}`, `number ${flow.via}`);
  return { from: find(guests, flow.from, where), to, address: hostPart(nic.address) };
}

function hostPart(cidr: string): string {
  return cidr.replace(/\/.*$/, "");
}

function named<T>(table: Readonly<Record<string, T>>): (T & { readonly name: Name })[] {
  return Object.entries(table).map(([key, value]) => ({ ...value, name: name.parse(key) }));
}

function find<T extends { readonly name: Name }>(all: readonly T[], wanted: string, where: string): T {
  const found = all.find((one) => one.name === wanted);
  if (found !== undefined) return found;
  throw dangling(where, `one of ${all.map((one) => one.name).join(", ")}`, wanted);
}

function dangling(subject: string, expected: string, actual: string): Problem {
  return new Problem({ subject, expected, actual, remedy: "correct the stack config" });
}
