// What the declared things are called: to the engine by logical name, in Azure by a name and an id, to inventories by tags.
import type { Run } from "../../environment/run.ts";
import type { CloudGuest } from "../cloud/topology.ts";
import type { AzureSection } from "./section.ts";

/** The logical names of everything that is there once. A guest's own things are named after it. */
export const logical = {
  group: "group",
  network: "network",
  subnet: "subnet",
  routes: "routes",
  security: "security",
  key: "key",
} as const;

type Named = Pick<CloudGuest, "name">;

/** The logical name of a guest's public address. */
export function addressNameOf({ name }: Named): string {
  return `${name}-address`;
}

/** The logical name of a guest's network interface. */
export function nicNameOf({ name }: Named): string {
  return `${name}-nic`;
}

/** The tag that inventories are found by; its value is the run's ID. */
export const runTag = "routerd-run-id";

/** A thing's name in Azure; no run is in it, for what is named anew is made anew. */
export function titleOf({ prefix }: Pick<AzureSection, "prefix">, name: string): string {
  return `${prefix}-${name}`;
}

/** The tags of everything that takes any. An ID of 32 characters is far below the 256 that a value may have. */
export function tagsOf({ purpose }: Pick<AzureSection, "purpose">, run: Run): Record<string, string> {
  return {
    [runTag]: run.id,
    "routerd-purpose": purpose,
    ManagedBy: "pulumi",
    Project: "routerd",
    ExpiresAt: run.expiresAt,
  };
}

type Placed = Pick<AzureSection, "prefix" | "subscription" | "network">;

/** The resource group that holds everything but an adopted network. */
export function groupOf(config: Pick<AzureSection, "prefix">): string {
  return titleOf(config, logical.group);
}

/** The resource group and name of the virtual network, ours or adopted. */
export function networkOf(config: Placed): { readonly group: string; readonly name: string } {
  const [, group, name] = /\/resourceGroups\/([^/]+)\/.*\/([^/]+)$/.exec(config.network.adopt ?? "") ?? [];
  return group === undefined || name === undefined
    ? { group: groupOf(config), name: titleOf(config, logical.network) }
    : { group, name };
}

/**
 * The resource id of a thing of ours, known before it is made. What refers to another thing uses this and not an output:
 * a thing made anew has the same id, and must not take with it what refers to it.
 */
export function idOf(config: Placed, type: ResourceType, name: string): string {
  const group = `/subscriptions/${config.subscription}/resourceGroups/${groupOf(config)}`;
  return `${group}/providers/${type}/${titleOf(config, name)}`;
}

/** The subnet's resource id, which is below its network's. */
export function subnetIdOf(config: Placed): string {
  const { group, name } = networkOf(config);
  const network = `/subscriptions/${config.subscription}/resourceGroups/${group}/providers/Microsoft.Network/virtualNetworks/${name}`;
  return `${network}/subnets/${titleOf(config, logical.subnet)}`;
}

type ResourceType =
  | `Microsoft.Network/${"networkSecurityGroups" | "routeTables" | "networkInterfaces" | "publicIPAddresses"}`
  | "Microsoft.Compute/virtualMachines";

/** Ids, names and locations are the same in whatever case they come (Azure Resource Manager, "Resource naming"). */
export function sameName(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && one.toLowerCase() === other?.toLowerCase();
}
