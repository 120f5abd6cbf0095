// PVE's VM configuration as it is read: one flat object whose values are numbers and comma-separated texts.
import { z } from "zod";
import type { Rest } from "../rest.ts";

// A flag that is no number reads as false, and `cores` as text can not be decoded at all (pve/README.md).
const flag = z.unknown().transform((value) => (value === undefined ? undefined : value === 1));

/** The configuration; drives, NICs, serial ports and ipconfigs stay under their own keys. */
const config = z.looseObject({
  acpi: flag.optional(),
  agent: z.string().optional(),
  balloon: z.number().optional(),
  bios: z.string().optional(),
  boot: z.string().optional(),
  cipassword: z.string().optional(),
  citype: z.string().optional(),
  ciuser: z.string().optional(),
  ciupgrade: flag.optional(),
  cores: z.number().optional(),
  cpu: z.string().optional(),
  description: z.string().optional(),
  keyboard: z.string().optional(),
  memory: z.coerce.number().optional(),
  name: z.string().optional(),
  nameserver: z.string().optional(),
  numa: flag.optional(),
  onboot: flag.optional(),
  ostype: z.string().optional(),
  protection: flag.optional(),
  scsihw: z.string().optional(),
  searchdomain: z.string().optional(),
  sockets: z.number().optional(),
  sshkeys: z.string().optional(),
  tablet: flag.optional(),
  tags: z.string().optional(),
  template: flag.optional(),
});

/** A read configuration. */
export type Config = z.output<typeof config>;

/** One drive: its volume and its options. */
export type Drive = { readonly volume: string; readonly options: Readonly<Record<string, string>> };

/** Where one VM is: its API path is `nodes/<node>/qemu/<id>`. */
export type Place = { readonly node: string; readonly id: number };

/** The API path of a VM. */
export function pathOf({ node, id }: Place): string {
  return `nodes/${node}/qemu/${id}`;
}

/** Reads the configuration; throws where there is no such VM. */
export function getConfig(rest: Rest, at: Place, signal: AbortSignal): Promise<Config> {
  return rest.get(`${pathOf(at)}/config`, config, { signal });
}

/** All drives by interface, cloud-init and CD drives too. */
export function drivesOf(found: Config): ReadonlyMap<string, Drive> {
  const drives = Object.entries(found).flatMap(([key, value]): [string, Drive][] =>
    /^(ide|sata|scsi|virtio)\d+$/.test(key) && typeof value === "string" ? [[key, parseDrive(value)]] : [],
  );
  return new Map(drives);
}

/** The interface of the cloud-init drive, if there is one. */
export function seedInterface(found: Config, id: number): string | undefined {
  return [...drivesOf(found)].find(([, { volume }]) => isSeed(volume, id))?.[0];
}

/** Whether a volume is a VM's cloud-init drive. */
export function isSeed(volume: string, id: number): boolean {
  return volume.includes(`vm-${id}-cloudinit`);
}

/** `enabled=1,type=virtio` → its options; a value without a name stands under the given one. */
export function optionsOf(text: string, unnamed: string): Readonly<Record<string, string>> {
  const pairs = text
    .split(",")
    .filter(Boolean)
    .map((part) =>
      part.includes("=")
        ? [part.slice(0, part.indexOf("=")), part.slice(part.indexOf("=") + 1)]
        : [unnamed, part],
    );
  return Object.fromEntries(pairs);
}

/** A drive's size in GiB, rounded down; 0 where PVE does not say. */
export function sizeOf(drive: Drive): number {
  const match = /^(\d+(?:\.\d+)?)([KMGT]?)$/.exec(drive.options.size ?? "");
  if (match === null) return 0;
  const power = { "": -3, K: -2, M: -1, G: 0, T: 1 }[z.enum(["", "K", "M", "G", "T"]).parse(match[2])];
  return Math.floor(Number(match[1]) * 1_024 ** power);
}

function parseDrive(text: string): Drive {
  const { file, ...options } = optionsOf(text, "file");
  return { volume: file ?? "", options };
}
