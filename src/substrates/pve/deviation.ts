// What a refresh does not see of a VM: drives and settings that nobody declared, and what it boots from.
import type { VmConfig } from "./models.ts";

/** The disk that guests boot from, as the program makes it. */
export const bootDisk = "scsi0";

/** Disk, config drive and CD drive, as the program makes them. */
const declared = [bootDisk, "ide2", "ide3"];

/** What the provider sends for the declaration, and what PVE adds to every VM by itself. */
const expected = new Set(
  [
    "acpi agent balloon bios boot cores cpu keyboard memory name numa onboot ostype scsihw sockets tablet",
    "description tags citype ciuser nameserver searchdomain sshkeys serial0",
    "digest meta smbios1 vmgenid",
    ...declared,
  ].flatMap((line) => line.split(" ")),
);

/**
 * What the provider sends for every guest and, on a clone, does not read back: these are its own defaults (recorded
 * from the real plugin).
 */
const unread: Readonly<Record<string, string | number>> = {
  ...{ acpi: 1, bios: "seabios", keyboard: "en-us", tablet: 1 },
};

/** How a VM differs from its declaration; keys are PVE's. */
export type Deviation = {
  /** How many declared drives are missing. */
  readonly missing: number;
  readonly drives: readonly string[];
  readonly settings: readonly string[];
  /** Settings that are there and not as declared, with their declared values. */
  readonly altered: Readonly<Record<string, string | number>>;
  readonly bootsFromDisk: boolean;
};

/**
 * How a VM with so many declared NICs differs. Of a clone the provider reads back only what was declared otherwise than
 * its own default, and neither boot order nor disks, and it takes no address away (recorded from the real plugin). Tags
 * and description are declared: drift shows them.
 */
export function deviationOf(found: VmConfig, nics: number): Deviation {
  const keys = Object.keys(found).filter((key) => !expected.has(key) && !isOfNic(key, nics));
  return {
    missing: declared.filter((key) => found[key] === undefined).length,
    drives: keys.filter(isDrive),
    settings: keys.filter((key) => !isDrive(key) && !(key === "protection" && Number(found[key]) === 0)),
    altered: Object.fromEntries(
      Object.entries(unread).filter(([key, value]) => String(found[key] ?? value) !== String(value)),
    ),
    bootsFromDisk: bootsFrom(found) === bootDisk,
  };
}

/** Serial ports beyond the one that is declared, which the provider leaves where they are. */
export function surplusPorts(found: VmConfig): readonly string[] {
  return Object.keys(found).filter((key) => /^serial\d+$/.test(key) && key !== "serial0");
}

/** Drives beyond the declared ones, which a refresh of a template does not show. */
export function surplusDrives(found: VmConfig): readonly string[] {
  return Object.keys(found).filter((key) => isDrive(key) && !declared.includes(key));
}

/** A NIC beyond the declared ones is taken away by the provider. */
function isOfNic(key: string, nics: number): boolean {
  const [, kind, index] = /^(net|ipconfig)(\d+)$/.exec(key) ?? [];
  return kind === "net" || (kind === "ipconfig" && Number(index) < nics);
}

function isDrive(key: string): boolean {
  return /^(ide|sata|scsi|virtio|unused|efidisk|tpmstate)\d+$/.test(key);
}

/** The first device in the boot order that is there and no empty CD drive: `order=ide3;scsi0;net0`. */
function bootsFrom(found: VmConfig): string | undefined {
  const order = /(?:^|,)order=([^,]*)/.exec(String(found.boot ?? ""))?.[1]?.split(";") ?? [];
  return order.find((device) => !/^((none|cdrom),|$)/.test(String(found[device] ?? "")));
}
