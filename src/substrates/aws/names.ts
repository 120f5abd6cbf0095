// What the declared things are called: to the engine by logical name, in the console by a name, to inventories by tags.
import type { Run } from "../../environment/run.ts";
import type { CloudGuest } from "../cloud/topology.ts";
import type { AwsConfig } from "./config.ts";

/** The logical names of everything that is there once. A guest's own things are named after it. */
export const logical = {
  network: "network",
  subnet: "subnet",
  gateway: "gateway",
  routes: "routes",
  association: "routes-subnet",
  security: "security",
  key: "key",
} as const;

/** The logical name of a guest's public address. */
export function addressNameOf({ name }: Pick<CloudGuest, "name">): string {
  return `${name}-address`;
}

/** The tag that inventories are found by; its value is the run's ID. */
export const runTag = "routerd-run-id";

/** What the console shows; no run is in it, for what is named anew is made anew. At most 71 characters, EC2 takes 255. */
export function titleOf({ prefix }: Pick<AwsConfig, "prefix">, name: string): string {
  return `${prefix}-${name}`;
}

/** The tags of everything that takes any. An ID of 32 characters is far below the 256 that a value may have. */
export function tagsOf(config: Pick<AwsConfig, "prefix" | "purpose">, run: Run, name: string) {
  return {
    Name: titleOf(config, name),
    [runTag]: run.id,
    "routerd-purpose": config.purpose,
    ManagedBy: "pulumi",
    Project: "routerd",
    ExpiresAt: run.expiresAt,
  };
}
