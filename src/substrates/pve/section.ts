// The `pve:` section of stack config as it is written: what a Proxmox VE substrate is expected to be.
import { z } from "zod";
import { name } from "../../environment/name.ts";
import { secret } from "../../environment/secret.ts";

const cidr = z.string().regex(/^\d+\.\d+\.\d+\.\d+\/\d+$/, "an IPv4 address with prefix length: 10.0.0.1/24");
const address = z.ipv4();
const vlan = z.number().int().min(1).max(4094);
const vmId = z.number().int().min(100).max(999_999_999);
const version = z.string().regex(/^\d+\.\d+$/, "a version such as 8.2");

/**
 * What was there before us may be adopted: it is imported, protected, and left in place when everything else goes. It
 * is named by the id that the provider imports it by, and must be the very thing that is described beside it.
 */
const adopt = z.string().optional();

/** A Linux bridge on one node. */
const bridge = z
  .strictObject({
    node: name,
    iface: z.string().regex(/^[a-z][a-z0-9]{1,9}$/, "an interface name of at most 10 letters and digits"),
    ports: z.array(z.string().min(1)).min(1),
    vids: z
      .string()
      .regex(/^\d+(-\d+)?( \d+(-\d+)?)*$/, "VLAN ids such as 2-4094")
      .default("2-4094"),
    mtu: z.number().int().min(1280).max(65520).default(1500),
    comment: z.string().max(120).default("routerd release substrate"),
    /**
     * `<node>:<iface>`. What a bridge must be like is what the environment is about, so that stays declared: an import
     * that finds it otherwise is refused, and what differs later is set again, but a bridge is never replaced or removed.
     */
    adopt,
  })
  .refine((one) => one.adopt === undefined || one.adopt === `${one.node}:${one.iface}`, {
    path: ["adopt"],
    message: "this bridge's id, <node>:<iface>",
  });

const image = z.strictObject({
  node: name,
  datastore: name,
  file: z.string().regex(/^[A-Za-z0-9._-]+\.(qcow2|img|raw)$/, "a file name ending in qcow2, img or raw"),
  url: z.url(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, "a SHA-256 in hex"),
  /** Bytes of the downloaded file: all that the API tells of its identity. */
  size: z.number().int().min(1),
});

/** What guests are cloned from. */
const template = z
  .strictObject({
    node: name,
    vmId,
    /** The node's own bridge that the template's interface hangs on; none: an adopted one without an interface. */
    iface: z.string().min(1).optional(),
    /** Of one that is made here; what an adopted one has is not ours to say. */
    cores: z.number().int().min(1).default(1),
    /** MiB; as the cores. */
    memory: z.number().int().min(256).default(1024),
    /** GiB of the disk that every guest gets a copy of. */
    disk: z.number().int().min(1).default(8),
    /** `<node>/<vmId>`. Only its identity is declared: it is others' work, for others' guests too. */
    adopt,
  })
  .refine((one) => one.adopt === undefined || one.adopt === `${one.node}/${one.vmId}`, {
    path: ["adopt"],
    message: "this template's id, <node>/<vmId>",
  })
  .refine((one) => one.adopt !== undefined || one.iface !== undefined, {
    path: ["iface"],
    message: "the bridge of the template's interface",
  });

/** VMs that are managed together, and that rights can be given on together. */
const pool = z
  .strictObject({
    id: z.string().regex(/^[A-Za-z0-9_-]+$/, "a pool's name"),
    comment: z.string().max(120).default("routerd release substrate"),
    /** Its name. Only its identity is declared; comment and other members are others'. */
    adopt,
  })
  .refine((one) => one.adopt === undefined || one.adopt === one.id, {
    path: ["adopt"],
    message: "this pool's name",
  });

const nic = z.strictObject({
  /** Logical name of the bridge. */
  bridge: name,
  vlan,
  address: cidr,
  gateway: address.optional(),
  /** Whether the VM firewall stands before this interface. */
  firewall: z.boolean().default(false),
});

const guest = z.strictObject({
  role: name,
  node: name,
  vmId,
  cores: z.number().int().min(1).default(1),
  /** MiB */
  memory: z.number().int().min(256).default(1024),
  /** The first one is where the guest is reached over SSH. */
  nics: z.array(nic).min(1),
});

const firewallRule = z.strictObject({
  action: z.enum(["ACCEPT", "DROP"]),
  proto: z.enum(["tcp", "udp", "icmp"]),
  dport: z.string().optional(),
  source: z.string().optional(),
  comment: z.string().max(60),
});

const most = z.number().int().min(0);

/** What the policies hold declared sizes and totals against. */
const ceiling = z.strictObject({
  machines: most,
  cores: most,
  /** MiB over all machines. */
  memory: most,
  /** GiB over all machines and the template. */
  disk: most,
});

/** `via`: which of the target's interfaces, counted from 0. */
const flow = z.strictObject({ from: name, to: name, via: z.number().int().min(0) });

const nodeAccess = z.strictObject({
  user: z.string().min(1),
  /** By node. */
  hosts: z.record(
    name,
    z.strictObject({
      host: z.string().min(1),
      port: z.number().int().min(1).max(65535).default(22),
      /** `ssh-ed25519 AAAA…` */
      hostKey: z.string().regex(/^ssh-ed25519 [A-Za-z0-9+/=]+$/, "an OpenSSH public key without a comment"),
    }),
  ),
});

/** What `pve:` keys may be set. */
export const section = z.strictObject({
  /** `https://host:8006/` */
  endpoint: z.url({ protocol: /^https$/ }),
  /** `user@realm!tokenid=uuid` */
  token: secret,
  /** PEM of the authority that signed the API's certificate; the system's authorities where absent. */
  ca: z.string().startsWith("-----BEGIN CERTIFICATE-----").optional(),
  /** SHA-256 of the API's certificate, `AA:BB:…`. */
  fingerprint: z.string().regex(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/, "a SHA-256 fingerprint AA:BB:…"),
  /** Releases that count as healthy: from (inclusive) to (exclusive). */
  versions: z.strictObject({ from: version, before: version }),
  nodes: z.array(name).min(1),
  bridges: z.record(name, bridge),
  /** Where VM disks and config drives are kept. */
  datastore: name,
  /** GiB that must stay free in every datastore that is used, beside what is still to be made. */
  headroom: z.number().min(0).default(5),
  /** What the template is made from; none where that is adopted. */
  image: image.optional(),
  template,
  /** For the guests, and a template that is made here. */
  pool: pool.optional(),
  /** Login name that cloud-init sets up in every guest. */
  user: z.string().regex(/^[a-z][a-z0-9_-]{0,30}$/, "a login name"),
  domain: z.string().min(1),
  nameservers: z.array(address).min(1),
  guests: z.record(name, guest),
  /** Roles whose guests must each run on a node of its own: two route reflectors, two leaves. */
  distinct: z.array(name).default([]),
  /** For every guest, in order. */
  firewall: z.strictObject({ input: z.enum(["ACCEPT", "DROP"]), rules: z.array(firewallRule) }),
  /** What all of it may take at most. */
  ceiling: ceiling.optional(),
  /** Who must reach whom over which network, by ping; every guest must reach all it is listed with. */
  flows: z.array(flow).min(1),
  /** Who must not see whom: no interface of `from` in a VLAN that `to` is not in may find `to`'s address there. */
  isolated: z.array(flow).default([]),
  /**
   * Guests that other substrates reach over the internet, by the public address that the site has for them: it leads
   * what comes there in to the guest, and shows it for what the guest sends out.
   */
  edges: z.record(name, address).default({}),
  /** Roles whose guests pass packets on between their interfaces. */
  forwarding: z.array(name).default([]),
  /** A login on the nodes that only reads; without it what guests see of each other stands in. */
  nodeAccess: nodeAccess.optional(),
});

/** The `pve:` section as written. */
export type PveSection = z.infer<typeof section>;
/** A bridge as written. */
export type BridgeSection = z.infer<typeof bridge>;
/** A guest as written. */
export type GuestSection = z.infer<typeof guest>;
