// Who answers on the wire when asked for an address.
import { hostOf, isAlive, owns } from "./host.ts";
import type { Machine } from "./machine.ts";
import type { World } from "./world.ts";

/**
 * The MAC addresses that answer an ARP request sent from one interface. As Linux does, a machine answers for all its
 * addresses on every interface (arp_ignore 0); filters for IP do not look at ARP.
 */
export function whoHas(
  world: World,
  asking: Machine,
  { nic, address }: { nic: number; address: string },
): string[] {
  const segment = asking.nics[nic]?.segment;
  if (segment === undefined) return [];
  const others = [...world.machines.values()].filter((machine) => machine !== asking);
  return others
    .filter((machine) => isAlive(world, machine) && owns(hostOf(machine), address))
    .flatMap(({ nics }) => nics.filter((one) => one.segment === segment).map(({ mac }) => mac));
}
