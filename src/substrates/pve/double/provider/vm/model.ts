// What a VmLegacy can be declared with, as far as the double knows it, and how two of them are compared.
import { z } from "zod";
import type { Shape } from "../../../../bridged/compare.ts";

// What only a read names, or what the double does not do: accepted where it says nothing.
const none = z.literal("").optional();
const zero = z.literal(0).optional();
const off = z.literal(false).optional();

const seconds = z.number().int().min(1);

const agent = z.strictObject({
  enabled: z.boolean().default(false),
  /** `15m`, `60s`: how long a read waits for addresses. */
  timeout: z
    .string()
    .regex(/^\d+[smh]$/)
    .default("15m"),
  trim: z.boolean().default(false),
  type: z.string().default("virtio"),
  waitForIp: z
    .strictObject({
      disabled: z.boolean().optional(),
      ipv4: z.boolean().optional(),
      ipv6: z.boolean().optional(),
    })
    .nullish(),
});

const cpu = z.strictObject({
  affinity: none,
  architecture: none,
  hotplugged: zero,
  limit: zero,
  units: zero,
  cores: z.number().int().default(1),
  flags: z.array(z.string()).default([]),
  numa: z.boolean().default(false),
  sockets: z.number().int().default(1),
  type: z.string().default("qemu64"),
});

const disk = z.strictObject({
  fileFormat: z.string().optional(),
  fileId: none,
  pathInDatastore: z.string().optional(),
  queues: zero,
  serial: none,
  interface: z.string(),
  datastoreId: z.string().default("local-lvm"),
  importFrom: z.string().default(""),
  /** GiB */
  size: z.number().int().default(8),
  aio: z.string().default("io_uring"),
  backup: z.boolean().default(true),
  cache: z.string().default("none"),
  discard: z.string().default("ignore"),
  iothread: z.boolean().default(false),
  replicate: z.boolean().default(true),
  ssd: z.boolean().default(false),
  speed: z.record(z.string(), z.literal(0)).nullish(),
});

const networkDevice = z.strictObject({
  queues: zero,
  rateLimit: zero,
  trunks: none,
  bridge: z.string().default("vmbr0"),
  disconnected: z.boolean().default(false),
  enabled: z.literal(true).default(true),
  firewall: z.boolean().default(false),
  macAddress: z.string().optional(),
  model: z.string().default("virtio"),
  mtu: z.number().int().default(0),
  vlanId: z.number().int().default(0),
});

const address = z.strictObject({ address: z.string().default(""), gateway: z.string().default("") });

const initialization = z.strictObject({
  fileFormat: none,
  upgrade: z.boolean().optional(),
  userDataFileId: none,
  vendorDataFileId: none,
  networkDataFileId: none,
  metaDataFileId: none,
  datastoreId: z.string().default("local-lvm"),
  dns: z.strictObject({ domain: z.string().default(""), servers: z.array(z.string()).default([]) }).nullish(),
  interface: z.string().default(""),
  ipConfigs: z.array(z.strictObject({ ipv4: address.nullish(), ipv6: address.nullish() })).default([]),
  type: z.string().default(""),
  userAccount: z
    .strictObject({
      keys: z.array(z.string()).default([]),
      password: z.string().default(""),
      username: z.string().default(""),
    })
    .nullish(),
});

/** The declared VM; blocks that are left out are undefined or null. */
export const model = z.object({
  nodeName: z.string(),
  vmId: z.number().int().min(100).optional(),
  name: z.string(),
  acpi: z.boolean().default(true),
  agent: agent.nullish(),
  bios: z.string().default("seabios"),
  cdrom: z
    .strictObject({ enabled: off, fileId: z.string().default(""), interface: z.string().default("ide3") })
    .nullish(),
  clone: z
    .strictObject({
      datastoreId: z.string().default(""),
      full: z.boolean().default(true),
      nodeName: z.string().default(""),
      retries: z.number().int().default(1),
      vmId: z.number().int(),
    })
    .nullish(),
  cpu: cpu.nullish(),
  deleteUnreferencedDisksOnDestroy: z.boolean().default(true),
  description: z.string().default(""),
  disks: z.array(disk).default([]),
  initialization: initialization.nullish(),
  keyboardLayout: z.string().default("en-us"),
  memory: z
    .strictObject({
      hugepages: none,
      keepHugepages: off,
      shared: zero,
      dedicated: z.number().int().default(512),
      floating: z.number().int().default(0),
    })
    .nullish(),
  migrate: z.literal(false).default(false),
  networkDevices: z.array(networkDevice).default([]),
  onBoot: z.boolean().default(true),
  operatingSystem: z.strictObject({ type: z.string().default("other") }).nullish(),
  poolId: z.string().default(""),
  protection: z.boolean().default(false),
  purgeOnDestroy: z.boolean().default(true),
  rebootAfterUpdate: z.literal(true).default(true),
  scsiHardware: z.string().default("virtio-scsi-pci"),
  serialDevices: z.array(z.strictObject({ device: z.string().default("socket") })).default([]),
  started: z.boolean().default(true),
  stopOnDestroy: z.boolean().default(false),
  tabletDevice: z.boolean().default(true),
  tags: z.array(z.string()).default([]),
  template: z.boolean().default(false),
  timeoutClone: seconds.default(1_800),
  timeoutCreate: seconds.default(1_800),
  timeoutMigrate: seconds.default(1_800),
  timeoutMoveDisk: seconds.default(1_800),
  timeoutReboot: seconds.default(1_800),
  timeoutShutdownVm: seconds.default(1_800),
  timeoutStartVm: seconds.default(1_800),
  timeoutStopVm: seconds.default(300),
});

/** A parsed VM. */
export type Vm = z.output<typeof model>;

/** How two VMs are compared; what replaces and what is left alone is the provider's schema. */
export const shape: Shape = {
  inputs: Object.keys(model.shape),
  defaults: new Map<string, unknown>([
    ["cpu.cores", 1],
    ["cpu.type", "qemu64"],
    ["disks[].datastoreId", "local-lvm"],
    ["disks[].discard", "ignore"],
    ["disks[].size", 8],
    ["initialization.datastoreId", "local-lvm"],
    ["memory.dedicated", 512],
    ["networkDevices[].bridge", "vmbr0"],
    ["networkDevices[].enabled", true],
    ["operatingSystem.type", "other"],
    ["timeoutMoveDisk", 1_800],
  ]),
  computed: new Set([
    "vmId",
    "networkDevices",
    "networkDevices[].macAddress",
    "networkDevices[].queues",
    "networkDevices[].rateLimit",
    "networkDevices[].trunks",
    "disks[].fileFormat",
    "disks[].pathInDatastore",
    "initialization.fileFormat",
    "initialization.upgrade",
  ]),
  replaces: new Set(["vmId", "nodeName", "clone", "initialization.type"]),
  sets: new Set(["tags"]),
};
