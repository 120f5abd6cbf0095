// What was there before us and is adopted: how the engine takes it over without ever making it ours.
import type { PoolLegacyArgs } from "@muhlba91/pulumi-proxmoxve/poolLegacy.js";
import type { VmLegacyArgs } from "@muhlba91/pulumi-proxmoxve/vmLegacy.js";
import type { CustomResourceOptions } from "@pulumi/pulumi";

/**
 * Options for a resource that is there already, by the id that the provider imports it by (terraform-provider-proxmox: a
 * bridge by `<node>:<iface>`, a VM by `<node>/<vmid>`, a pool by its name); none for one that is ours.
 *
 * - An import whose inputs are not what is there fails: "inputs to import do not match the existing resource" (pulumi,
 *   resource option `import`), and once imported whatever differs from the inputs would be drift, and set by a repair.
 *   So of a template and a pool nothing is declared but which one it is: all else stands in `contents`, and the engine takes
 *   it as it finds it. Whether it is fit for its purpose is for the checks to say, and for its owner to change.
 * - Protected, it is neither deleted nor replaced: where it is another one than declared, the repair is blocked.
 * - Retained, it stays when it is no longer declared, or everything else is destroyed.
 */
export function adoption(id: string | undefined, contents: readonly string[] = []): CustomResourceOptions {
  return id === undefined
    ? {}
    : { import: id, protect: true, retainOnDelete: true, ignoreChanges: [...contents] };
}

/** Everything that a VM can be declared with but its number and node; the compiler says which key is missing. */
const ofVm: Readonly<Record<Exclude<keyof VmLegacyArgs, "nodeName" | "vmId">, true>> = {
  acpi: true,
  agent: true,
  amdSev: true,
  audioDevice: true,
  bios: true,
  bootOrders: true,
  cdrom: true,
  clone: true,
  cpu: true,
  deleteUnreferencedDisksOnDestroy: true,
  description: true,
  disks: true,
  efiDisk: true,
  hookScriptFileId: true,
  hostpcis: true,
  hotplug: true,
  initialization: true,
  keyboardLayout: true,
  kvmArguments: true,
  macAddresses: true,
  machine: true,
  memory: true,
  migrate: true,
  name: true,
  networkDevices: true,
  numas: true,
  onBoot: true,
  operatingSystem: true,
  poolId: true,
  protection: true,
  purgeOnDestroy: true,
  reboot: true,
  rebootAfterUpdate: true,
  rngs: true,
  scsiHardware: true,
  serialDevices: true,
  smbios: true,
  started: true,
  startup: true,
  stopOnDestroy: true,
  tabletDevice: true,
  tags: true,
  template: true,
  timeoutClone: true,
  timeoutCreate: true,
  timeoutMigrate: true,
  timeoutMoveDisk: true,
  timeoutReboot: true,
  timeoutShutdownVm: true,
  timeoutStartVm: true,
  timeoutStopVm: true,
  tpmState: true,
  usbs: true,
  vga: true,
  virtiofs: true,
  watchdog: true,
};

/** Of a pool everything but its name. */
const ofPool: Readonly<Record<Exclude<keyof PoolLegacyArgs, "poolId">, true>> = { comment: true };

/** What is others' to say of an adopted template. */
export const templateContents: readonly string[] = Object.keys(ofVm);

/** What is others' to say of an adopted pool. */
export const poolContents: readonly string[] = Object.keys(ofPool);
