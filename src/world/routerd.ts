// The product in a lab guest: what routerd makes of the routers around it, computed when it is asked.
import { addressOf } from "./address.ts";
import { isAlive } from "./host.ts";
import type { Machine } from "./machine.ts";
import { reach } from "./reachability.ts";
import type { World } from "./world.ts";

/** What a row of the ownership table says of an address. */
type Ownership = { readonly address: string; readonly ownerNode: string; readonly state: "OK" | "Conflict" };

/** How a pool stands, as one of its members sees it. */
export type Pool = {
  readonly phase: "Ready" | "Pending" | "Degraded" | "Failed";
  /** Why it is not ready. */
  readonly reason: string;
  readonly owners: readonly Ownership[];
};

/** The one pool of every lab router. */
export const poolName = "lab";

/**
 * The pool as a machine's routerd sees it: members that it has no session with leave it pending, an address that two of
 * them claim degrades it, and a provider action that failed fails it (imksoo/routerd, controller/mobility/status_pool.go).
 */
export function poolOf(world: World, machine: Machine): Pool {
  const peers = [...world.machines.values()].filter((one) => one !== machine && isPeer(one, machine));
  const seen = peers.filter((peer) => hasSession(world, machine, peer));
  const claims = [machine, ...seen].flatMap(claimsOf);
  const owners = claims.map((claim) => {
    const twice = claims.some((one) => one.address === claim.address && one.ownerNode !== claim.ownerNode);
    return { ...claim, state: twice ? ("Conflict" as const) : ("OK" as const) };
  });
  if (machine.system.routerd?.actions.some(({ status }) => status === "failed"))
    return { phase: "Failed", reason: "provider action failed", owners };
  if (owners.some(({ state }) => state === "Conflict"))
    return { phase: "Degraded", reason: "remote home owner overlaps local ownership evidence", owners };
  if (seen.length < peers.length) return { phase: "Pending", reason: "BGP sessions are down", owners };
  return { phase: "Ready", reason: "", owners };
}

/** Both were set up to route, in the same place. */
function isPeer(one: Machine, machine: Machine): boolean {
  return one.substrate === machine.substrate && one.system.routerd !== undefined;
}

function hasSession(world: World, machine: Machine, peer: Machine): boolean {
  const answers = (to: string) => reach(world, machine, { protocol: "icmp", to }).result === "delivered";
  return (
    isAlive(world, peer) &&
    peer.system.routerd?.unit === "active" &&
    peer.system.addresses.some(({ address }) => answers(addressOf(address)))
  );
}

/** The address of its last interface is its own; what else it claims somebody has put into its configuration. */
function claimsOf({ system }: Machine): readonly Omit<Ownership, "state">[] {
  const own = system.addresses.at(-1);
  const claimed = [...(own === undefined ? [] : [addressOf(own.address)]), ...(system.routerd?.claims ?? [])];
  return claimed.map((address) => ({ address: `${address}/32`, ownerNode: system.hostname }));
}
