// What an account's state is made of; types only.
import type { GuestSystem } from "../../../world/machine.ts";
import type { World } from "../../../world/world.ts";

/** Key and value, as EC2 keeps them with a thing. */
export type Tags = Readonly<Record<string, string>>;

type Thing = { readonly id: string; tags: Tags };

type Vpc = Thing & {
  readonly cidr: string;
  dnsSupport: boolean;
  dnsHostnames: boolean;
  readonly mainTable: string;
  readonly defaultAcl: string;
  readonly defaultGroup: string;
};

export type Subnet = Thing & {
  readonly vpc: string;
  readonly cidr: string;
  readonly zone: string;
  mapPublic: boolean;
};

type Gateway = Thing & { vpc: string | undefined };

/** Beside the local route, which every table has. */
export type Route = { readonly cidr: string; readonly gateway?: string; readonly eni?: string };

export type Table = Thing & { readonly vpc: string; readonly main: boolean; routes: readonly Route[] };

type Association = { readonly id: string; table: string; readonly subnet: string };

/** One far side each, as EC2 has them since 2021; ports are -1 where the protocol has none. */
export type Rule = {
  readonly id: string;
  readonly out: boolean;
  readonly description: string;
  readonly protocol: string;
  readonly from: number;
  readonly to: number;
  readonly far: { readonly cidr: string } | { readonly group: string };
};

export type Group = Thing & {
  readonly vpc: string;
  readonly name: string;
  readonly description: string;
  rules: readonly Rule[];
};

type Key = Thing & { readonly name: string; readonly publicKey: string; readonly createdAt: number };

type MetadataOptions = {
  readonly httpEndpoint: string;
  readonly httpTokens: string;
  readonly httpPutResponseHopLimit: number;
  readonly instanceMetadataTags: string;
};

export type Volume = Thing & {
  readonly size: number;
  readonly type: string;
  readonly encrypted: boolean;
  /** None: it is available. */
  readonly instance?: string;
};

export type Instance = Thing & {
  readonly subnet: string;
  readonly image: string;
  readonly eni: string;
  readonly mac: string;
  readonly volume: string;
  readonly address: string;
  readonly key: string | undefined;
  shape: string;
  state: "running" | "stopped" | "terminated";
  groups: readonly string[];
  guarded: boolean;
  metadata: MetadataOptions;
  userData: string;
  /** By the world's clock, in ms. */
  launchedAt: number;
  /** What is on its disk; none before its first boot. */
  disk?: GuestSystem | undefined;
};

type Address = Thing & {
  readonly ip: string;
  association?: { readonly id: string; readonly instance: string };
};

/** What others own and everybody may use. */
export type Image = {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly architecture: string;
  readonly createdAt: string;
  state: string;
};

type Shape = {
  readonly name: string;
  readonly vcpus: number;
  readonly architectures: readonly string[];
};

type Zone = {
  readonly name: string;
  readonly id: string;
  readonly shapes: readonly string[];
  state: string;
};

type Quota = {
  readonly service: string;
  readonly code: string;
  readonly name: string;
  readonly byDefault: number;
  value: number;
};

/** An account in one region, as far as EC2 and its friends tell of it. */
export type Account = {
  readonly world: World;
  readonly id: string;
  readonly region: string;
  readonly zones: Zone[];
  readonly images: Image[];
  readonly shapes: readonly Shape[];
  readonly quotas: Quota[];
  readonly vpcs: Map<string, Vpc>;
  readonly subnets: Map<string, Subnet>;
  readonly gateways: Map<string, Gateway>;
  readonly tables: Map<string, Table>;
  readonly associations: Map<string, Association>;
  readonly groups: Map<string, Group>;
  readonly keys: Map<string, Key>;
  readonly volumes: Map<string, Volume>;
  readonly instances: Map<string, Instance>;
  readonly addresses: Map<string, Address>;
  /** How many ids have been given out. */
  issued: number;
};
