// A cloud's subnet: what its router, which is nowhere to be seen, does with what guests hand to it.
import type { Cidr } from "./machine.ts";

/** The segment of everything that is plugged into the internet itself, with a prefix length of 0. */
export const internet = "internet";

/** Where a cloud's router sends what its guests hand to their gateway. */
export type CloudRoute = {
  readonly destination: Cidr;
  /** `local`: whoever has that address in the network; a machine's id: that machine; `nowhere`: lost. */
  readonly target: "local" | "internet" | "nowhere" | { readonly machine: string };
};

/** A cloud's subnet; the world knows it by the segment that its interfaces are plugged into. */
export type CloudSubnet = {
  /** Subnets of one network reach each other by local routes. */
  readonly network: string;
  /** The address of the router that guests have for gateway. */
  readonly gateway: string;
  /** The longest prefix decides. */
  readonly routes: readonly CloudRoute[];
  /** Whether the network has a way to and from the internet at all. */
  readonly connected: boolean;
};
