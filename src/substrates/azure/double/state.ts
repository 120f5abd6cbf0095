// What a subscription's state is made of; types only.
import type { GuestSystem } from "../../../world/machine.ts";
import type { World } from "../../../world/world.ts";
import type { GroupRule } from "../rules.ts";

/** Name and value, as the resource manager keeps them with a thing. */
export type Tags = Readonly<Record<string, string>>;

export type Group = {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  tags: Tags;
};

/** What has a type and stands in a resource group. */
export type Thing = Group & { readonly type: string; readonly group: string };

export type Network = Thing & { prefixes: readonly string[] };

/** Below its network, without tags or a place of its own. */
export type Subnet = {
  readonly id: string;
  readonly name: string;
  readonly network: string;
  prefix: string;
  security: string | undefined;
  table: string | undefined;
  /** Whether those without a public address get out all the same. */
  outbound: boolean;
};

type Route = {
  readonly name: string;
  readonly addressPrefix: string;
  readonly nextHopType: string;
  readonly nextHopIpAddress?: string | undefined;
};

type Table = Thing & { routes: readonly Route[]; propagates: boolean };

/** A rule as it is kept: any of the words for one or several of a side may be missing. */
export type Rule = {
  readonly [K in keyof Omit<GroupRule, Required>]?: GroupRule[K] | undefined;
} & Pick<GroupRule, Required>;
type Required =
  | "name"
  | "priority"
  | "direction"
  | "access"
  | "protocol"
  | "sourcePortRange"
  | "destinationPortRange";

type Security = Thing & { rules: readonly Rule[] };

type Key = Thing & { publicKey: string };

type Address = Thing & { readonly ip: string; readonly zones: readonly string[] };

export type Nic = Thing & {
  readonly mac: string;
  /** The name of its one configuration. */
  configuration: string;
  subnet: string;
  address: string;
  publicAddress: string | undefined;
  security: string | undefined;
  forwards: boolean;
  accelerated: boolean;
};

type Disk = Thing & {
  readonly size: number;
  readonly sku: string;
  /** None: nobody uses it. */
  readonly machine?: string;
};

export type Machine = Thing & {
  readonly vmId: string;
  readonly zones: readonly string[];
  readonly image: {
    readonly publisher: string;
    readonly offer: string;
    readonly sku: string;
    readonly version: string;
  };
  readonly disk: string;
  readonly deletesDisk: boolean;
  readonly computerName: string;
  readonly user: string;
  readonly keys: readonly { readonly path: string; readonly keyData: string }[];
  /** In base64; never told again. */
  readonly customData: string;
  readonly createdAt: number;
  shape: string;
  nics: readonly { readonly id: string; readonly deleteOption: string }[];
  userData: string | undefined;
  power: "running" | "deallocated";
  /** By the world's clock, in ms. */
  provisionedAt: number;
  /** What is on its disk; none before its first boot. */
  system?: GuestSystem | undefined;
};

/** What anybody may make a machine from. */
type Image = {
  readonly publisher: string;
  readonly offer: string;
  readonly sku: string;
  readonly version: string;
  readonly generation: "V1" | "V2";
  readonly architecture: string;
  state: "Active" | "Deprecated" | "Withdrawn";
};

/** What is sold in a location. */
export type Size = {
  readonly name: string;
  readonly family: string;
  readonly vcpus: number;
  readonly generations: readonly ("V1" | "V2")[];
  readonly zones: readonly string[];
  restricted: boolean;
};

/** A limit by its name in the lists of usages. */
export type Limit = { readonly provider: "Compute" | "Network"; readonly name: string; limit: number };

/** A subscription in one location, as far as the resource manager tells of it. */
export type Subscription = {
  readonly world: World;
  readonly id: string;
  readonly tenant: string;
  readonly location: string;
  state: string;
  readonly providers: Map<string, string>;
  readonly images: Image[];
  readonly sizes: Size[];
  readonly limits: Limit[];
  readonly groups: Map<string, Group>;
  readonly networks: Map<string, Network>;
  readonly subnets: Map<string, Subnet>;
  readonly tables: Map<string, Table>;
  readonly securities: Map<string, Security>;
  readonly keys: Map<string, Key>;
  readonly addresses: Map<string, Address>;
  readonly nics: Map<string, Nic>;
  readonly disks: Map<string, Disk>;
  readonly machines: Map<string, Machine>;
  /** How many ids have been given out. */
  issued: number;
};
