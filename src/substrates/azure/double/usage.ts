// How much of each limit is used, by whomever.
import type { Limit, Subscription } from "./state.ts";

/** Cores of machines that are not deallocated, of one family or of all. */
export function usedCores({ machines, sizes }: Subscription, family?: string): number {
  const counted = [...machines.values()].filter(({ power }) => power !== "deallocated");
  return counted.reduce((sum, { shape }) => {
    const size = sizes.find(({ name }) => name === shape);
    return sum + (size !== undefined && (family ?? size.family) === size.family ? size.vcpus : 0);
  }, 0);
}

/** What the lists of usages say of a limit. */
export function usageOf(subscription: Subscription, { name }: Limit): number {
  const counts: Readonly<Record<string, () => number>> = {
    cores: () => usedCores(subscription),
    virtualMachines: () => subscription.machines.size,
    VirtualNetworks: () => subscription.networks.size,
    NetworkSecurityGroups: () => subscription.securities.size,
    RouteTables: () => subscription.tables.size,
    NetworkInterfaces: () => subscription.nics.size,
    StandardSkuPublicIpAddresses: () => subscription.addresses.size,
  };
  const count = Object.hasOwn(counts, name) ? counts[name] : undefined;
  return count === undefined ? usedCores(subscription, name) : count();
}
