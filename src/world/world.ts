// The lab's single source of truth about what is running, what is wired to what, and what is broken on purpose.
import { Machines } from "./machines.ts";
import type { Site } from "./site.ts";
import type { CloudSubnet } from "./subnet.ts";

/** A change that somebody made through an API, for proving that reading changes nothing. */
export type Effect = {
  /** Who: the principal that the far end authenticated. */
  readonly principal: string;
  /** What, in the far end's words: `PUT /nodes/node1/network`. */
  readonly action: string;
};

/** All that the lab's servers share. Everything the world is asked is computed from this. */
export class World {
  /** Switched-on machines by id. */
  readonly machines = new Machines();
  /** Subnets of clouds, by the segment that their interfaces are plugged into. */
  readonly subnets = new Map<string, CloudSubnet>();
  /** Routers of sites that are no clouds. */
  readonly sites = new Set<Site>();
  /** Every change through an API since the start, in order. */
  readonly effects: Effect[] = [];
  /** Delay before a far end's answer, in ms: half of a round trip each way. */
  latency = 0;
  /** Names of the faults in force, each with its beginning by the world's clock, and its end, or none. */
  readonly #faults = new Map<string, { readonly since: number; readonly until: number | undefined }>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** The world's clock, in ms. */
  now(): number {
    return this.#now();
  }

  /** Breaks something by name until it is healed, or for so many ms. */
  breakDown(fault: string, forMs?: number): void {
    const since = this.now();
    this.#faults.set(fault, { since, until: forMs === undefined ? undefined : since + forMs });
  }

  /** Whether a fault is in force now. */
  isBroken(fault: string): boolean {
    return this.brokenSince(fault) !== undefined;
  }

  /** When a fault that is in force now began, by the world's clock. */
  brokenSince(fault: string): number | undefined {
    const { since, until } = this.#faults.get(fault) ?? {};
    return until === undefined || this.now() < until ? since : undefined;
  }

  /** The faults in force now. */
  faults(): string[] {
    return [...this.#faults.keys()].filter((fault) => this.isBroken(fault));
  }

  /** Ends all faults and latency. */
  heal(): void {
    this.#faults.clear();
    this.latency = 0;
  }
}
