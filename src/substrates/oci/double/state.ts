// What a tenancy's state is made of; types only.
import type { GuestSystem } from "../../../world/machine.ts";
import type { World } from "../../../world/world.ts";

/** Freeform tags. */
export type Tags = Readonly<Record<string, string>>;

/** What everything in a compartment has. */
export type Thing = {
  readonly id: string;
  readonly compartment: string;
  title: string;
  tags: Tags;
  /** By the world's clock, in ms. */
  readonly createdAt: number;
};

type Vcn = Thing & { cidrs: readonly string[]; readonly table: string; readonly list: string };

type Gateway = Thing & { readonly vcn: string; enabled: boolean };

/** The local route, which every table has, is never listed. */
type Route = { readonly destination: string; readonly type: string; readonly entity: string };

type Table = Thing & { readonly vcn: string; routes: readonly Route[] };

/** First and last port. */
type Ports = readonly [number, number];

/** A stateful rule; protocols are numbers as text, or `all`. */
export type Rule = {
  readonly out: boolean;
  readonly description: string;
  readonly protocol: string;
  readonly far: string;
  readonly ports?: Ports;
};

type List = Thing & { readonly vcn: string; rules: readonly Rule[] };

export type Subnet = Thing & {
  readonly vcn: string;
  readonly cidr: string;
  readonly shut: { readonly addresses: boolean; readonly ingress: boolean };
  table: string;
  lists: readonly string[];
};

/** An instance's first interface, with its one private address. */
export type Vnic = {
  readonly id: string;
  readonly attachment: string;
  readonly mac: string;
  readonly subnet: string;
  readonly address: string;
  readonly privateIp: string;
  unguarded: boolean;
  title: string;
  tags: Tags;
};

export type Volume = Thing & { readonly size: number; readonly boot: boolean; readonly domain: string };

export type Instance = Thing & {
  readonly domain: string;
  readonly faultDomain: string;
  readonly image: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly vnic: Vnic;
  readonly volume: string;
  shape: string;
  ocpus: number;
  memory: number;
  /** Whether /opc/v1 is switched off. */
  legacyOff: boolean;
  state: "RUNNING" | "STOPPED" | "TERMINATED";
  /** What is on its disk; none before its first boot. */
  disk?: GuestSystem | undefined;
};

/** A reserved one. */
type Address = Thing & { readonly ip: string; privateIp?: string };

/** What Oracle offers everybody. */
type Image = {
  readonly id: string;
  readonly title: string;
  readonly system: string;
  readonly version: string;
  readonly createdAt: number;
  readonly shapes: readonly string[];
  state: string;
};

/** A flexible one. */
type Shape = {
  readonly name: string;
  readonly ocpus: Ports;
  readonly memory: Ports;
  readonly quotas: readonly string[];
};

type Limit = {
  readonly service: string;
  readonly name: string;
  readonly scope: "AD" | "REGION";
  /** What of it is in use. */
  readonly used: (tenancy: Tenancy) => number;
  value: number;
};

/** An availability domain, by its full name. */
type Domain = {
  readonly name: string;
  readonly faultDomains: readonly string[];
  readonly shapes: readonly string[];
};

/** A tenancy in one region, as far as the services that we ask tell of it. */
export type Tenancy = {
  readonly world: World;
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly region: string;
  readonly compartment: { readonly id: string; readonly name: string };
  readonly domains: readonly Domain[];
  readonly images: readonly Image[];
  readonly shapes: readonly Shape[];
  readonly limits: readonly Limit[];
  readonly users: Map<string, { readonly name: string; state: string }>;
  readonly vcns: Map<string, Vcn>;
  readonly gateways: Map<string, Gateway>;
  readonly tables: Map<string, Table>;
  readonly lists: Map<string, List>;
  readonly subnets: Map<string, Subnet>;
  readonly volumes: Map<string, Volume>;
  readonly instances: Map<string, Instance>;
  readonly addresses: Map<string, Address>;
  /** How many ids have been given out. */
  issued: number;
};
