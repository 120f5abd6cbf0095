// What can happen to this substrate behind the engine's back, and how its far end can break, by name.
import type { PreparedDrift, PreparedFault } from "../double.ts";

/** Changes that a check must catch, in terms of the lab's own stack. */
export const drifts: readonly PreparedDrift[] = [
  {
    name: "bridge-not-vlan-aware",
    summary: "a bridge no longer filters VLANs: tagged interfaces on it are cut off",
    check: "pve.bridges.config",
    change: { set: "fabric-a.vlanAware", value: false },
  },
  {
    name: "agent-disabled",
    summary: "the guest agent of a VM is switched off",
    check: "pve.qga.enabled",
    change: { set: "client1.agent.enabled", value: false },
  },
  {
    name: "vm-deleted",
    summary: "somebody deletes a VM with its disks",
    check: "pve.drift",
    change: { delete: "client2" },
  },
];

/** Ways to break the far end. */
export const faults: readonly PreparedFault[] = [
  { name: "pve-api-down", summary: "the API refuses connections", check: "pve.tls", breaks: "pve/down" },
  {
    name: "pve-api-unauthorized",
    summary: "the API refuses every token",
    check: "pve.api",
    breaks: "pve/unauthorized",
  },
  {
    name: "pve-guests-silent",
    summary: "all guests answer nothing: neither SSH nor agent nor ping",
    check: "pve.qga.responsive",
    breaks: "pve/silent",
  },
  {
    name: "pve-guest-silent",
    summary: "one guest answers nothing",
    check: "g.ssh",
    breaks: "pve/client2/silent",
  },
  {
    name: "pve-guest-hung",
    summary: "one guest hangs: it answers nothing until it is switched on again",
    check: "g.ssh",
    breaks: "pve/client2/hung",
  },
  {
    name: "pve-guest-hostkey",
    summary: "one guest shows another SSH host key than the one on its disk",
    check: "g.ssh",
    breaks: "pve/leaf1/hostkey",
  },
];
