// Which way a subnet's packets go: Azure's own routes, and those of the table that stand before them.
import type { Subnet, Subscription } from "./state.ts";
import { byId } from "./subscription.ts";

/** A route in force or put out of force by another. */
export type Effective = {
  readonly source: "Default" | "User";
  readonly state: "Active" | "Invalid";
  readonly prefix: string;
  readonly hop: string;
  readonly address?: string | undefined;
};

/** What Azure sends nowhere unless it belongs to the network (Azure docs, "Virtual network traffic routing"). */
const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];

/** A defined route stands before Azure's own of the same prefix; else the longest prefix decides. */
export function effectiveRoutes(subscription: Subscription, subnet: Subnet): readonly Effective[] {
  const own = byId(subscription.networks, subnet.network)?.prefixes ?? [];
  const defined = byId(subscription.tables, subnet.table)?.routes ?? [];
  const standing = [
    ...own.map((prefix) => ({ prefix, hop: "VnetLocal" })),
    { prefix: "0.0.0.0/0", hop: "Internet" },
    ...privateRanges.filter((prefix) => !own.includes(prefix)).map((prefix) => ({ prefix, hop: "None" })),
  ];
  return [
    ...standing.map(({ prefix, hop }): Effective => {
      const isShadowed = defined.some(({ addressPrefix }) => addressPrefix === prefix);
      return { source: "Default", state: isShadowed ? "Invalid" : "Active", prefix, hop };
    }),
    ...defined.map(
      ({ addressPrefix, nextHopType, nextHopIpAddress }): Effective => ({
        ...{ source: "User", state: "Active", prefix: addressPrefix, hop: nextHopType },
        ...(nextHopIpAddress !== undefined && { address: nextHopIpAddress }),
      }),
    ),
  ];
}
