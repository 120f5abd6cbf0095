// A running guest of the lab: what its operating system is, knows and answers.
import type { Medium } from "./medium.ts";

/** An IPv4 address with its prefix length: `10.77.99.11/24`. */
export type Cidr = string;

/** One direction of a stateful packet filter, before one network interface. */
export type FilterRule = {
  readonly direction: "in" | "out";
  readonly action: "accept" | "drop";
  readonly protocol: "any" | "tcp" | "udp" | "icmp";
  /** First and last port; none means all, and for icmp always none. */
  readonly ports?: readonly [number, number];
  /** The far side; none means anywhere. */
  readonly remote?: Cidr;
};

/** The first rule that matches decides, else the policy. */
export type Filter = {
  readonly policyIn: "accept" | "drop";
  readonly policyOut: "accept" | "drop";
  readonly rules: readonly FilterRule[];
};

/** What an interface is to a cloud's router. */
type Routed = {
  readonly address: string;
  /** What the internet knows it by; none: it is not known there. */
  readonly publicAddress?: string;
  /** Whether all that is neither from nor to its own address is dropped. */
  readonly guarded: boolean;
};

/** A rule of a guest's own packet filter (netfilter), for new flows; the first that matches decides. */
export type HostRule = {
  readonly action: "accept" | "reject";
  readonly protocol: "any" | "tcp" | "udp" | "icmp";
  /** None: all. */
  readonly port?: number;
  /** None: anywhere. */
  readonly source?: Cidr;
};

/** What a guest's own kernel takes in and passes on; what no rule matches it lets pass. Rejecting tells the sender. */
export type HostFirewall = { input: readonly HostRule[]; forward: readonly HostRule[] };

/** A network interface as the wire sees it. */
export type Nic = {
  readonly mac: string;
  /** The layer-2 domain it is plugged into; two interfaces meet when theirs are equal. None: a cable to nowhere. */
  readonly segment?: string;
  /** What stands between it and the wire (a hypervisor's or cloud's firewall, not the guest's own). */
  readonly filter?: Filter;
  /** The largest IP packet that the wire takes; larger ones vanish. None: any. */
  readonly mtu?: number;
  /** What it is to the router of a cloud, where its segment is a cloud's subnet. */
  readonly routed?: Routed;
};

/** The product's daemon, as far as it is not computed from what is around it. */
export type Routerd = {
  /** What systemd says of its unit. */
  unit: "active" | "inactive" | "failed";
  /** Addresses that it claims beside its own. */
  claims: string[];
  /** What it has asked of a provider, oldest first. */
  actions: {
    readonly id: number;
    readonly provider: string;
    readonly action: string;
    readonly status: "pending" | "approved" | "running" | "succeeded" | "failed" | "skipped" | "rolledBack";
  }[];
};

/** What the guest set up when it booted; it does not change when the wire does. */
export type GuestSystem = {
  hostname: string;
  instanceId: string;
  /** What the seed had for user data when this instance was made. */
  userData: string;
  /** What `cloud-init status --format=json` reads. */
  cloudInit: { status: "running" | "done" | "error"; datasource: string; errors: string[] };
  /** Interface name, address and prefix by index of {@link Machine.nics}. */
  addresses: { readonly nic: number; readonly name: string; readonly address: Cidr }[];
  /** By interface number, where it is not 1500. */
  mtus: Record<number, number>;
  routes: { readonly destination: Cidr; readonly via: string }[];
  /** net.ipv4.ip_forward */
  forwarding: boolean;
  /** Its own packet filter; none: everything passes. */
  firewall?: HostFirewall;
  /** Login names and the OpenSSH public key lines that each accepts. */
  users: Record<string, string[]>;
  /** Whether its users may become root without a password. */
  sudo: boolean;
  /** Open sockets. */
  listening: { readonly protocol: "tcp" | "udp"; readonly port: number }[];
  /** The SSH host key: private in PEM (OpenSSH), public as a `ssh-ed25519 AAAA…` line. */
  hostKey: { readonly privateKey: string; readonly publicKey: string };
  /** Whether the guest agent runs inside the guest. */
  agent: boolean;
  /** What the guest agent is configured to refuse: `guest-exec`. */
  agentRefuses: string[];
  /** The product; none where the system was not set up to route. */
  routerd?: Routerd;
  /** Files that user data has made, by path; what the system itself has is computed from the rest. */
  files?: Record<string, string>;
};

/** A machine that is switched on. */
export type Machine = {
  /** Unique in the world: `<substrate>/<number or id there>`. */
  readonly id: string;
  /** The substrate that runs it. */
  readonly substrate: string;
  /** The logical name that tests and faults use, usually the VM's name. */
  readonly label: string;
  /** When it was switched on, by the world's clock, in ms. */
  readonly startedAt: number;
  /** When its services are up, by the world's clock, in ms. Before that it is silent. */
  readonly readyAt: number;
  /** Whether its processors are held; it answers nothing then. */
  paused?: boolean;
  nics: readonly Nic[];
  /** What is in its drive now; what it was told at boot is in its system. */
  medium?: Medium | undefined;
  readonly system: GuestSystem;
  /** What answers at 169.254.169.254; none: nothing does. */
  readonly metadata?: (request: MetadataRequest) => MetadataAnswer;
};

/** A request to the metadata service; header names in lower case. */
export type MetadataRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
};

/** Its answer. */
export type MetadataAnswer = { readonly status: number; readonly body: string };
