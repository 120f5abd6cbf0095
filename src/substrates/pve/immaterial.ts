// Which declared properties can not drift, each with its reason.
import type { Immaterial } from "../double.ts";

const vm = "proxmoxve:index/vmLegacy:VmLegacy";
const bridge = "proxmoxve:network/linux/bridge:Bridge";
const firewall = "proxmoxve:firewall/optionsLegacy:OptionsLegacy";
const file = "proxmoxve:download/file:File";

const identity =
  "where or what it is: elsewhere, or with another number, it is another thing, and this one is gone";
const manner = "how the provider goes about it: PVE keeps no such thing";
const origin = "what it was made from: nothing that it has afterwards";
const elsewhere = "the provider can not say it; a prepared drift sends it as a request";

/** By type. */
export const immaterial: readonly Immaterial[] = [
  { of: bridge, paths: ["name", "nodeName"], reason: identity },
  { of: bridge, named: "fabric-b", paths: ["timeoutReload"], reason: manner },
  { of: bridge, paths: ["ports[-]"], reason: elsewhere },
  { of: file, paths: ["contentType", "datastoreId", "fileName", "nodeName"], reason: identity },
  { of: file, paths: ["checksum", "checksumAlgorithm", "overwrite", "url"], reason: manner },
  { of: vm, paths: ["vmId"], reason: identity },
  {
    of: vm,
    paths: [
      ...["nodeName", "started", "serialDevices[-]", "initialization.dns.servers[-]"],
      ...["initialization.ipConfigs[-]", "initialization.userAccount.keys[-]"],
    ],
    reason: elsewhere,
  },
  { of: vm, paths: ["initialization.datastoreId"], reason: "no other storage of the lab holds images" },
  { of: vm, paths: ["clone", "disks[].importFrom"], reason: origin },
  {
    of: vm,
    paths: [
      ...["agent.timeout", "agent.waitForIp", "deleteUnreferencedDisksOnDestroy", "purgeOnDestroy"],
      ...["rebootAfterUpdate", "timeoutClone", "timeoutCreate", "timeoutMigrate", "timeoutReboot"],
      ...["timeoutShutdownVm", "timeoutStartVm", "timeoutStopVm"],
    ],
    reason: manner,
  },
  {
    of: vm,
    named: "template",
    paths: ["disks[].datastoreId", "disks[].interface", "disks[].speed", "disks[+]", "disks[-]", "template"],
    reason: "the lab knows neither to move or throttle a template's disk, nor to make a VM of one again",
  },
  { of: firewall, paths: ["nodeName", "vmId"], reason: identity },
  { of: firewall, paths: ["deleted"], reason: "every VM has these options: only their values change" },
  { of: "proxmoxve:firewall/rulesLegacy:RulesLegacy", paths: ["nodeName", "vmId"], reason: identity },
];
