// What the declared things are called: to the engine by logical name, in the console by a name, to inventories by tags.
import type { Run } from "../../environment/run.ts";
import type { CloudGuest } from "../cloud/topology.ts";
import type { OciConfig } from "./config.ts";

/** The logical names of everything that is there once. A guest's own things are named after it. */
export const logical = {
  network: "network",
  subnet: "subnet",
  gateway: "gateway",
  routes: "routes",
  security: "security",
} as const;

/** The logical name of a guest's public address. */
export function addressNameOf({ name }: Pick<CloudGuest, "name">): string {
  return `${name}-address`;
}

/** The freeform tag that inventories are found by; its value is the run's ID. */
export const runTag = "RouterdRunId";

/** What the console shows; no run is in it, for what is named anew is made anew. At most 79 characters, OCI takes 255. */
export function titleOf({ prefix }: Pick<OciConfig, "prefix">, name: string): string {
  return `${prefix}-${name}`;
}

/** Freeform tags of everything that takes any: at most ten, keys of 100 and values of 256 characters. */
export function tagsOf({ purpose }: Pick<OciConfig, "purpose">, run: Run) {
  return {
    [runTag]: run.id,
    RouterdPurpose: purpose,
    ManagedBy: "pulumi",
    Project: "routerd",
    ExpiresAt: run.expiresAt,
  };
}
