// What is on the seed medium in a guest's drive now, found by its label and read as cloud-init would.
import { Unreadable } from "../../check/unreadable.ts";
import type { Probe, Reading } from "../transport.ts";
import { whole } from "../whole.ts";
import { asRoot } from "./root.ts";

const names = ["user-data", "network-config", "vendor-data", "meta-data"] as const;

const script = [
  "mount -o ro /dev/disk/by-label/cidata /mnt",
  `sha256sum ${names.map((name) => `/mnt/${name}`).join(" ")}`,
  "cat /mnt/meta-data",
].join(" && ");

/** Mounted in a namespace of its own, so nobody else sees it and it is gone with the command. */
export const seedProbe: Probe = {
  id: "seed",
  argv: asRoot(["unshare", "--mount", "sh", "-c", script]),
  timeout: 20,
};

/** A seed medium: SHA-256 of each file, and the instance-id in its meta-data. */
export type SeedMedium = {
  readonly digests: Readonly<Record<(typeof names)[number], string>>;
  readonly instanceId: string;
};

/**
 * Reads the medium; `broken` where there is none with that label, or it can not be mounted or read to the end (mount(8),
 * sha256sum(1)). Throws `Unreadable`; root must have been demanded.
 */
export function readSeed(reading: Reading | undefined): SeedMedium | "broken" {
  const { exit, stdout } = whole(reading, "seed medium");
  if ([1, 32].includes(exit)) return "broken";
  const lines = stdout.trimEnd().split("\n");
  const [, instanceId] = /^instance-id: (\S+)$/m.exec(lines.slice(names.length).join("\n")) ?? [];
  const digests = names.map((name, index) => digestIn(lines[index], name));
  const [user, network, vendor, meta] = digests;
  const complete = user && network && vendor && meta && instanceId;
  if (exit !== 0 || !complete) throw new Unreadable("unparsable", "seed medium");
  return {
    digests: { "user-data": user, "network-config": network, "vendor-data": vendor, "meta-data": meta },
    instanceId,
  };
}

function digestIn(line: string | undefined, name: string): string | undefined {
  return new RegExp(`^([0-9a-f]{64})  /mnt/${name}$`).exec(line ?? "")?.[1];
}
