// The defaults that the plugin fills into a declared VM before it looks at it.
import type { Properties } from "../../../../double.ts";

// The provider's own defaults for blocks within blocks; a perpetual difference comes of `speed` (pve/README.md).
const blocks: Readonly<Record<string, Properties>> = {
  agent: { timeout: "15m", type: "virtio" },
  cdrom: { interface: "ide3" },
  clone: { full: true, retries: 1 },
  cpu: { flags: [], sockets: 1 },
};
const speed = [
  "iopsRead",
  "iopsReadBurstable",
  "iopsWrite",
  "iopsWriteBurstable",
  "read",
  "readBurstable",
  "write",
  "writeBurstable",
];
const lists: Readonly<Record<string, Properties>> = {
  disks: {
    aio: "io_uring",
    backup: true,
    cache: "none",
    replicate: true,
    speed: Object.fromEntries(speed.map((key) => [key, 0])),
  },
  networkDevices: { model: "virtio" },
  serialDevices: { device: "socket" },
};
const always: Properties = {
  acpi: true,
  bios: "seabios",
  cdrom: { fileId: "", interface: "ide3" },
  deleteUnreferencedDisksOnDestroy: true,
  disks: [{ ...lists.disks, datastoreId: "local-lvm", discard: "ignore", interface: "scsi0", size: 8 }],
  keyboardLayout: "en-us",
  // The plugin makes one up from the resource's name.
  name: "made-up-0000000",
  onBoot: true,
  purgeOnDestroy: true,
  rebootAfterUpdate: true,
  scsiHardware: "virtio-scsi-pci",
  started: true,
  tabletDevice: true,
  timeoutClone: 1_800,
  timeoutCreate: 1_800,
  timeoutMigrate: 1_800,
  timeoutReboot: 1_800,
  timeoutShutdownVm: 1_800,
  timeoutStartVm: 1_800,
  timeoutStopVm: 300,
};

/** Inputs with the plugin's defaults. Leaves what a preview does not know as it is. */
export function withDefaults(news: Properties): Properties {
  const filled = Object.entries(news).map(([key, value]) => [key, fill(key, value)]);
  return { ...always, ...Object.fromEntries(filled) };
}

function fill(key: string, value: unknown): unknown {
  const block = blocks[key];
  const item = lists[key];
  if (block !== undefined && isObject(value)) return { ...block, ...value };
  if (item !== undefined && Array.isArray(value))
    return value.map((each) => (isObject(each) ? { ...item, ...each } : each));
  return value;
}

/** Whether a value is an object with properties. */
export function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
