// How a guest comes up: what cloud-init makes of the seed it was given and the disk it boots from.
import { generateHostKey } from "./hostkey.ts";
import type { Cidr, GuestSystem, HostFirewall, Routerd } from "./machine.ts";
import { socketsOf } from "./responder.ts";

/** What a metadata source tells a guest at boot. */
export type Seed = {
  /** As `cloud-init status` names it: `nocloud`. */
  readonly datasource: string;
  readonly instanceId: string;
  readonly hostname: string;
  readonly userData: string;
  /** Login names and the public key lines each accepts. */
  readonly users: Readonly<Record<string, readonly string[]>>;
  /** By index of the machine's interfaces; without an address the interface stays unconfigured. */
  readonly nics: readonly { readonly address?: Cidr; readonly gateway?: string }[];
};

/** What is baked into the image that a disk was made from. */
export type Image = {
  /** Whether the guest agent is installed. */
  readonly agent: boolean;
  /** Whether packets are forwarded between interfaces. */
  readonly forwarding: boolean;
  /** Arguments of the responder that it starts; none: it has no responder. */
  readonly responders?: readonly string[];
  /** The packet filter that the image comes with, if any. */
  readonly firewall?: HostFirewall;
};

/**
 * Boots. A new instance-id makes a new instance: new host key, users and addresses from the seed. With the same
 * instance-id everything on the disk stays. Without a seed the guest comes up unnamed, unreachable, and says so.
 */
export function boot(seed: Seed | undefined, disk: GuestSystem | undefined, image: Image): GuestSystem {
  if (seed === undefined) return unseeded(image);
  return disk?.instanceId === seed.instanceId ? structuredClone(disk) : instance(seed, image);
}

function instance(seed: Seed, image: Image): GuestSystem {
  return {
    ...fresh(image),
    hostname: seed.hostname,
    instanceId: seed.instanceId,
    userData: seed.userData,
    cloudInit: { status: "done", datasource: seed.datasource, errors: [] },
    addresses: seed.nics.flatMap(({ address }, nic) =>
      address === undefined ? [] : [{ nic, name: `eth${nic}`, address }],
    ),
    routes: seed.nics.flatMap(({ gateway }) =>
      gateway === undefined ? [] : [{ destination: "0.0.0.0/0", via: gateway }],
    ),
    users: Object.fromEntries(Object.entries(seed.users).map(([user, keys]) => [user, [...keys]])),
  };
}

/** The words are those that cloud-init logs (canonical/cloud-init, cloudinit/cmd/main.py). */
function unseeded(image: Image): GuestSystem {
  const errors = ["No instance datasource found! Likely bad things to come!"];
  return {
    ...fresh(image),
    hostname: "localhost",
    instanceId: "iid-datasource-none",
    userData: "",
    cloudInit: { status: "error", datasource: "none", errors },
    addresses: [],
    routes: [],
    users: {},
  };
}

/** What is set up to route runs the product from its first boot on. */
export function newRouterd(): Routerd {
  return { unit: "active", claims: [], actions: [] };
}

type Fresh = Pick<
  GuestSystem,
  "agent" | "forwarding" | "firewall" | "routerd" | "sudo" | "agentRefuses" | "mtus" | "listening" | "hostKey"
>;

function fresh({ agent, forwarding, firewall, responders = [] }: Image): Fresh {
  const listening: GuestSystem["listening"] = [
    { protocol: "tcp", port: 22 },
    ...(socketsOf(responders) ?? []),
  ];
  // As the cloud images' sudoers file has it for the account that cloud-init sets up.
  const own = {
    ...(forwarding && { routerd: newRouterd() }),
    ...(firewall !== undefined && { firewall }),
  };
  return {
    ...{ agent, forwarding, ...own, sudo: true, agentRefuses: [], mtus: {} },
    ...{ listening, hostKey: generateHostKey() },
  };
}
