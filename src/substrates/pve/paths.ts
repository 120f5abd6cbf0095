// Who is whose neighbour, and whom a packet passes on its way, as far as the declaration tells.
import { addressOf, contains } from "../../world/address.ts";
import type { Flow, Guest } from "./topology.ts";

/** Another guest in the same VLAN and network as one of the guest's interfaces. */
export type Neighbour = {
  /** Number of the guest's own interface. */
  readonly nic: number;
  readonly peer: Guest;
  /** The peer's address there. */
  readonly address: string;
};

/** All neighbours of a guest, on all of its interfaces. */
export function neighboursOf(guest: Guest, guests: readonly Guest[]): readonly Neighbour[] {
  const others = guests.filter(({ name }) => name !== guest.name);
  return guest.nics.flatMap((own, nic) =>
    others.flatMap((peer) =>
      peer.nics
        .filter(({ vlan, address }) => vlan === own.vlan && contains(own.address, addressOf(address)))
        .map(({ address }) => ({ nic, peer, address: addressOf(address) })),
    ),
  );
}

/** The guests that pass a flow's packets on, in order, by declared networks and gateways. */
export function transitsOf(flow: Flow, guests: readonly Guest[]): readonly Guest[] {
  const passed: Guest[] = [];
  for (let at: Guest | undefined = flow.from; at !== undefined && passed.length < guests.length; ) {
    if (at.nics.some(({ address }) => contains(address, flow.address))) return passed;
    const gateway: string | undefined = at.nics.find((nic) => nic.gateway !== undefined)?.gateway;
    at = guests.find(({ nics }) => nics.some(({ address }) => addressOf(address) === gateway));
    if (at !== undefined) passed.push(at);
  }
  return passed;
}
