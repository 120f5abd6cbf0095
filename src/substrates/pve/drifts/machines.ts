// Prepared changes of VMs: their power, place, tags, and settings that nobody declared.
import type { PreparedDrift } from "../../double.ts";

const template = "/nodes/pve1/qemu/9000";
const client1 = "/nodes/pve1/qemu/9101";
const leaf1 = "/nodes/pve1/qemu/9102";
const leaf2 = "/nodes/pve2/qemu/9103";
const client2 = "/nodes/pve2/qemu/9104";

/** Each in the words of the request that brings it about. */
export const machines: readonly PreparedDrift[] = [
  {
    name: "vm-stopped",
    summary: "a VM is switched off",
    check: "pve.vm.state",
    change: { requests: [{ method: "POST", path: `${leaf1}/status/stop` }] },
  },
  {
    name: "vm-paused",
    summary: "somebody pauses a VM: it is on and stands still",
    check: "pve.vm.state",
    change: { requests: [{ method: "POST", path: `${leaf2}/status/suspend` }] },
  },
  {
    name: "vm-locked",
    summary: "a backup that broke off has left its lock on a VM",
    check: "pve.vm.state",
    byHand: "qm unlock",
    change: { requests: [{ method: "PUT", path: `${client2}/config`, form: { lock: "backup" } }] },
  },
  {
    name: "vm-extra-disk",
    summary: "a VM gets a disk that nobody declared",
    check: "pve.vm.state",
    change: { requests: [{ method: "PUT", path: `${client1}/config`, form: { scsi5: "local-lvm:1" } }] },
  },
  {
    name: "vm-boot-order",
    summary: "a VM will boot from the network next time",
    check: "pve.vm.state",
    change: { requests: [{ method: "PUT", path: `${leaf2}/config`, form: { boot: "order=net0" } }] },
  },
  {
    name: "vm-arguments",
    summary: "a VM gets arguments for its hypervisor that nobody declared",
    check: "pve.vm.state",
    change: { requests: [{ method: "PUT", path: `${leaf1}/config`, form: { args: "-no-hpet" } }] },
  },
  {
    name: "vm-protected",
    summary: "a VM is protected from being replaced",
    check: "pve.vm.state",
    change: { requests: [{ method: "PUT", path: `${leaf1}/config`, form: { protection: "1" } }] },
  },
  {
    name: "vm-moved",
    summary: "a leaf is moved to the other leaf's node",
    check: "pve.placement",
    change: {
      requests: [
        { method: "POST", path: `${leaf2}/status/stop` },
        { method: "POST", path: `${leaf2}/migrate`, form: { target: "pve1", "with-local-disks": "1" } },
        { method: "POST", path: "/nodes/pve1/qemu/9103/status/start" },
      ],
    },
  },
  {
    name: "vm-untagged",
    summary: "a VM loses the tag of its run",
    check: "pve.inventory",
    change: { requests: [{ method: "PUT", path: `${client2}/config`, form: { tags: "routerd" } }] },
  },
  {
    name: "vm-copied",
    summary: "a copy of a VM, tag of its run and all, that nobody declared",
    check: "pve.inventory",
    byHand: "pvesh get /cluster/resources",
    change: {
      requests: [
        { method: "POST", path: `${client1}/clone`, form: { newid: "9199", full: "1", name: "copy" } },
      ],
    },
  },
  {
    name: "seed-outdated",
    summary: "a cloud-init setting is changed and not written to the config drive",
    check: "pve.ci.pending",
    change: { requests: [{ method: "PUT", path: `${client1}/config`, form: { nameserver: "10.77.99.9" } }] },
  },
  {
    name: "template-drive-added",
    summary: "the template gets another CD drive, which every new guest would have too",
    check: "pve.template",
    change: {
      requests: [{ method: "PUT", path: `${template}/config`, form: { ide1: "none,media=cdrom" } }],
    },
  },
  {
    name: "seed-keys-removed",
    summary: "the SSH keys are taken out of a VM's cloud-init settings",
    check: "pve.ci.pending",
    change: { requests: [{ method: "PUT", path: `${leaf2}/config`, form: { delete: "sshkeys" } }] },
  },
  {
    name: "seed-address-removed",
    summary: "an interface's address is taken out of a VM's cloud-init settings",
    check: "pve.ci.pending",
    change: { requests: [{ method: "PUT", path: `${leaf1}/config`, form: { delete: "ipconfig1" } }] },
  },
  {
    name: "seed-resolver-removed",
    summary: "the resolver is taken out of a VM's cloud-init settings",
    check: "pve.ci.pending",
    change: { requests: [{ method: "PUT", path: `${client2}/config`, form: { delete: "nameserver" } }] },
  },
  {
    name: "serial-removed",
    summary: "a VM loses its serial console",
    check: "pve.drift",
    change: { requests: [{ method: "PUT", path: `${client1}/config`, form: { delete: "serial0" } }] },
  },
];
