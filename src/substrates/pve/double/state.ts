// What the cluster's state is made of; types only.
import type { Image, Seed } from "../../../world/boot.ts";
import type { GuestSystem } from "../../../world/machine.ts";
import type { Medium } from "../../../world/medium.ts";
import type { World } from "../../../world/world.ts";

/** A value of a VM's config, in the JSON type that the API gives it. */
export type Setting = string | number;

/** A VM or template. */
export type Vm = {
  readonly id: number;
  node: string;
  /** What is in force. */
  config: Map<string, Setting>;
  /** What comes into force at the next cold start; none: the key goes. */
  pending: Map<string, Setting | undefined>;
  /** Shown, and holding off changes, until the world's clock passes it. */
  lock?: { readonly word: string; readonly until: number };
  /** When it was switched on, by the world's clock; none: it is off. */
  startedAt?: number;
  /** Whether it is on and its processors are held. */
  paused?: boolean;
};

/** A node: its management address, its interfaces, and its certificate as PEM. */
export type Node = {
  readonly name: string;
  readonly address: string;
  readonly certificate: string;
  /** What is in force, by name. */
  live: Map<string, Interface>;
  /** What somebody changed in the running kernel without writing it down; the next reload ends it. */
  readonly kernel: Map<string, Pick<Interface, "vlanAware">>;
  /** /etc/network/interfaces.new: what the next reload brings; none: nothing is staged. */
  staged?: Map<string, Interface>;
  /** Of the node's own firewall. */
  readonly firewall: Map<string, Setting>;
};

/** A storage as the datacenter configures it; every node has one of its own under that name. Sizes in bytes. */
export type Storage = {
  readonly type: string;
  /** `images,rootdir` */
  content: string;
  disabled: boolean;
  readonly total: number;
  /** What others have put there. */
  readonly used: number;
};

/** Something on the web that nodes can download. Sizes in bytes. */
export type WebFile = { readonly size: number; readonly virtualSize: number; readonly sha256: string };

/** A port or bridge as /etc/network/interfaces keeps it. */
export type Interface = {
  readonly iface: string;
  readonly type: "eth" | "bridge";
  readonly autostart?: 0 | 1 | undefined;
  readonly ports?: readonly string[] | undefined;
  readonly vlanAware?: 0 | 1 | undefined;
  /** As written; a VLAN-aware bridge without it passes 2-4094. */
  readonly vids?: string | undefined;
  /** A string on the wire: the provider can not decode a number. */
  readonly mtu?: string | undefined;
  readonly comments?: string | undefined;
  readonly cidr?: string | undefined;
  readonly gateway?: string | undefined;
};

/** A volume. Sizes in bytes. */
export type Volume = {
  /** `<storage>:<name>` */
  readonly volid: string;
  readonly content: "images" | "import" | "iso";
  readonly format: string;
  size: number;
  /** Of an image file: the size of the disk inside. */
  readonly virtualSize?: number;
  /** Unix seconds. */
  readonly ctime: number;
  /** The VM that owns it. */
  readonly vmid?: number;
  /** What a disk or image file was made from; none: it is empty. */
  readonly image?: Image;
  /** What a guest has left on its disk. */
  system?: GuestSystem;
  /** What a config drive holds since it was last written, and the settings that this was made from. */
  media?: {
    readonly seed: Seed;
    readonly settings: ReadonlyMap<string, string>;
    /** The same object that the running machine has in its drive. */
    readonly medium: Medium;
  };
};

/** A VM's own firewall. */
export type Firewall = { readonly options: Map<string, Setting>; readonly rules: Rule[] };

/** One rule; the first that matches decides. */
export type Rule = {
  readonly type: "in" | "out";
  readonly action: "ACCEPT" | "DROP" | "REJECT";
  readonly enable: number;
  readonly proto?: "tcp" | "udp" | "icmp" | undefined;
  readonly dport?: string | undefined;
  readonly "icmp-type"?: string | undefined;
  readonly sport?: string | undefined;
  readonly source?: string | undefined;
  readonly dest?: string | undefined;
  readonly iface?: string | undefined;
  readonly log?: string | undefined;
  readonly comment?: string | undefined;
};

/** A named list of networks. */
export type IpSet = {
  readonly comment?: string | undefined;
  readonly entries: Map<string, { readonly comment?: string | undefined }>;
};

/** A task. Times by the world's clock, in ms. */
export type Task = {
  readonly upid: string;
  readonly node: string;
  readonly type: string;
  readonly id: string;
  /** The token's full name. */
  readonly user: string;
  readonly pid: number;
  readonly pstart: number;
  readonly startedAt: number;
  readonly endsAt: number;
  readonly exitstatus: string;
  readonly log: readonly string[];
};

/** An API token with its own rights (privilege separation). */
export type Token = {
  /** `user@realm!name` */
  readonly id: string;
  readonly secret: string;
  /** By path. */
  readonly acl: Map<string, Access>;
};

/** Privileges on a path; whether on everything below it too that has no entry of its own. */
export type Access = { readonly privileges: readonly string[]; readonly propagate: boolean };

/** VMs that are managed together, by their numbers. A VM is in one pool at most. */
export type Pool = { comment: string; readonly vms: Set<number> };

/** All of it. */
export type Cluster = {
  readonly world: World;
  readonly nodes: ReadonlyMap<string, Node>;
  readonly vms: Map<number, Vm>;
  /** By `<node>/<volume id>`: every storage of the lab is local to its node. */
  readonly volumes: Map<string, Volume>;
  /** By VM number, whether there is such a VM or not, as PVE keeps them in files of their own. */
  readonly firewalls: Map<number, Firewall>;
  readonly aliases: Map<string, { readonly cidr: string; readonly comment?: string | undefined }>;
  readonly ipsets: Map<string, IpSet>;
  /** Datacenter-wide firewall options. */
  readonly datacenter: Map<string, Setting>;
  /** By name. */
  readonly storages: Map<string, Storage>;
  /** By name. */
  readonly pools: Map<string, Pool>;
  /** By UPID. */
  readonly tasks: Map<string, Task>;
  /** By `user@realm!name`. */
  readonly tokens: Map<string, Token>;
  /** By URL. */
  readonly web: Map<string, WebFile>;
};
