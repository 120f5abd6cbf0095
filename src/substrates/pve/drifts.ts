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
    name: "pve-guest-hostkey",
    summary: "one guest shows another SSH host key than the one on its disk",
    check: "g.ssh",
    breaks: "pve/leaf1/hostkey",
  },
  {
    name: "pve-api-slow",
    summary: "the API takes minutes for every answer",
    check: "pve.api",
    breaks: "pve/slow",
  },
  {
    name: "pve-api-failing",
    summary: "the API answers every request with a 500",
    check: "pve.api",
    breaks: "pve/failing",
  },
  {
    name: "pve-api-garbage",
    summary: "something else than JSON answers for the API",
    check: "pve.api",
    breaks: "pve/garbage",
  },
  {
    name: "pve-api-truncated",
    summary: "the API's answers are cut short",
    check: "pve.api",
    breaks: "pve/truncated",
  },
  {
    name: "pve-token-powerless",
    summary: "the token has no rights on anything",
    check: "pve.perms",
    breaks: "pve/powerless",
  },
  {
    name: "pve-vm-unreadable",
    summary: "one VM's configuration can not be read",
    check: "pve.drift",
    breaks: "pve/client1/unreadable",
  },
  {
    name: "pve-agent-hung",
    summary: "what is asked of one guest's agent is never answered",
    check: "pve.qga.responsive",
    breaks: "pve/client2/agenthung",
  },
  {
    name: "pve-guest-mute",
    summary: "one guest takes SSH connections and says nothing",
    check: "g.ssh",
    breaks: "pve/client1/mute",
  },
  {
    name: "pve-guest-banner",
    summary: "one guest shows its SSH banner and nothing more",
    check: "g.ssh",
    breaks: "pve/leaf2/banner",
  },
  {
    name: "pve-guest-endless",
    summary: "every command on one guest prints without end",
    check: "g.hostname",
    breaks: "pve/leaf1/endless",
  },
  {
    name: "pve-guest-garbled",
    summary: "every command on one guest prints binary and terminal controls around its text",
    check: "g.hostname",
    breaks: "pve/leaf2/garbled",
  },
];
