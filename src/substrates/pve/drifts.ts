// What can happen to this substrate behind the engine's back, and how its far end can break, by name.
import type { PreparedDrift, PreparedFault } from "../double.ts";
import { firewalls } from "./drifts/firewalls.ts";
import { machines } from "./drifts/machines.ts";
import { material } from "./drifts/material.ts";
import { networks } from "./drifts/networks.ts";

/** What no API tells of. */
const hidden: readonly PreparedDrift[] = [
  {
    name: "bridge-live-unfiltered",
    summary: "a node's kernel no longer filters VLANs, while its configuration says that it does",
    check: "pve.bridges.live",
    along: ["g.ssh"],
    change: { host: "pve2", meddle: "bridge-unfiltered" },
  },
  {
    name: "agent-refuses-exec",
    summary: "a guest's agent is configured to run no commands",
    check: "pve.qga.exec",
    change: { guest: "client1", meddle: "agent-refuses-exec" },
  },
  {
    name: "seed-damaged",
    summary: "a guest can no longer read its config drive",
    check: "pve.ci.readable",
    change: { guest: "leaf2", meddle: "seed-damaged" },
  },
  {
    name: "seed-stale",
    summary: "a guest was made from another config drive than it has now",
    check: "pve.ci.fresh",
    change: { guest: "client2", meddle: "seed-stale" },
  },
  {
    name: "user-data-changed",
    summary: "a guest's copy of its user data is changed",
    check: "g.userdata",
    change: { guest: "client1", meddle: "user-data-changed" },
  },
  {
    name: "instance-changed",
    summary: "a guest takes itself for another instance",
    check: "g.instanceid",
    change: { guest: "leaf1", meddle: "seed-stale" },
  },
  {
    name: "forwarding-off",
    summary: "a leaf no longer passes packets on",
    check: "pve.forwarding",
    change: { guest: "leaf1", meddle: "forwarding-off" },
  },
  {
    name: "hostname-changed",
    summary: "a guest calls itself something else",
    check: "g.hostname",
    change: { guest: "client2", meddle: "hostname-changed" },
  },
  {
    name: "cloud-init-failed",
    summary: "cloud-init reports a failure in a guest",
    check: "g.cloudinit",
    change: { guest: "leaf2", meddle: "cloud-init-failed" },
  },
  {
    name: "address-added",
    summary: "a guest has an address that nobody declared",
    check: "g.addr",
    change: { guest: "client1", meddle: "address-added" },
  },
  {
    name: "address-lost",
    summary: "a guest has lost the address of its last interface",
    check: "g.addr",
    change: { guest: "leaf1", meddle: "address-lost" },
  },
  {
    name: "mtu-lowered",
    summary: "a guest's interface takes smaller packets only",
    check: "pve.mtu",
    change: { guest: "client1", meddle: "mtu-lowered" },
  },
  {
    name: "vlan-leak",
    summary: "an interface hangs in another VLAN, where it must not be seen",
    check: "pve.l2",
    change: { set: "client2.networkDevices[1].vlanId", value: 120 },
  },
  {
    name: "firewall-open",
    summary: "a guest's firewall is switched off",
    check: "g.tcp",
    change: { set: "client1-firewall.enabled", value: false },
  },
];

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
  ...networks,
  ...material,
  ...machines,
  ...firewalls,
  ...hidden,
];

/** Ways to break the far end. */
export const faults: readonly PreparedFault[] = [
  {
    name: "pve-api-down",
    summary: "the API refuses connections",
    check: "pve.tls",
    shows: "blocked",
    breaks: "pve/down",
  },
  {
    name: "pve-api-unauthorized",
    summary: "the API refuses every token",
    check: "pve.api",
    shows: "blocked",
    breaks: "pve/unauthorized",
  },
  {
    name: "pve-node-unproxied",
    summary: "the API can not pass requests on to one node",
    check: "pve.proxy",
    shows: "blocked",
    breaks: "pve/pve2/unproxied",
  },
  {
    name: "pve-node-offline",
    summary: "the cluster has lost a node, and with it its majority; the node's guests run on",
    check: "pve.nodes",
    shows: "fail",
    breaks: "pve/pve2/offline",
  },
  {
    name: "pve-datastore-inactive",
    summary: "the datastore of the base image can not be reached",
    check: "pve.storage",
    shows: "fail",
    breaks: "pve/local/inactive",
  },
  {
    name: "pve-guests-silent",
    summary: "all guests answer nothing: neither SSH nor agent nor ping",
    check: "pve.qga.responsive",
    shows: "blocked",
    breaks: "pve/silent",
  },
  {
    name: "pve-guest-silent",
    summary: "one guest answers nothing",
    check: "g.ssh",
    shows: "fail",
    breaks: "pve/client2/silent",
  },
  {
    name: "pve-guest-hung",
    summary: "one guest hangs: it answers nothing until it is switched on again",
    check: "g.ssh",
    shows: "fail",
    mendable: true,
    breaks: "pve/client2/hung",
  },
  {
    name: "pve-guest-hostkey",
    summary: "one guest shows another SSH host key than the one on its disk",
    check: "g.ssh",
    shows: "fail",
    breaks: "pve/leaf1/hostkey",
  },
  {
    name: "pve-site-unforwarded",
    summary:
      "the site's router no longer leads anything in to the edge: clouds do not reach it, and it reaches them",
    // Of every cloud whose flows lead here.
    check: "X.pve",
    shows: "fail",
    abroad: "fail",
    breaks: "pve/site/unforwarded",
  },
  {
    name: "pve-edge-silent",
    summary: "the edge answers nothing",
    check: "g.ssh",
    shows: "fail",
    abroad: "blocked",
    breaks: "pve/edge1/silent",
  },
  {
    name: "pve-api-slow",
    summary: "the API takes minutes for every answer",
    check: "pve.api",
    shows: "blocked",
    breaks: "pve/slow",
  },
  {
    name: "pve-api-failing",
    summary: "the API answers every request with a 500",
    check: "pve.api",
    shows: "blocked",
    breaks: "pve/failing",
  },
  {
    name: "pve-api-garbage",
    summary: "something else than JSON answers for the API",
    check: "pve.api",
    shows: "blocked",
    breaks: "pve/garbage",
  },
  {
    name: "pve-api-truncated",
    summary: "the API's answers are cut short",
    check: "pve.api",
    shows: "blocked",
    breaks: "pve/truncated",
  },
  {
    name: "pve-token-powerless",
    summary: "the token has no rights on anything",
    check: "pve.perms",
    shows: "blocked",
    breaks: "pve/powerless",
  },
  {
    name: "pve-vm-unreadable",
    summary: "one VM's configuration can not be read",
    check: "pve.drift",
    shows: "blocked",
    breaks: "pve/client1/unreadable",
  },
  {
    name: "pve-agent-hung",
    summary: "what is asked of one guest's agent is never answered",
    check: "pve.qga.responsive",
    shows: "fail",
    breaks: "pve/client2/agenthung",
  },
  {
    name: "pve-guest-mute",
    summary: "one guest takes SSH connections and says nothing",
    check: "g.ssh",
    shows: "fail",
    breaks: "pve/client1/mute",
  },
  {
    name: "pve-guest-banner",
    summary: "one guest shows its SSH banner and nothing more",
    check: "g.ssh",
    shows: "fail",
    breaks: "pve/leaf2/banner",
  },
  {
    name: "pve-guest-endless",
    summary: "every command on one guest prints without end",
    check: "g.hostname",
    shows: "blocked",
    breaks: "pve/leaf1/endless",
  },
  {
    name: "pve-guest-garbled",
    summary: "every command on one guest prints binary and terminal controls around its text",
    check: "g.hostname",
    shows: "blocked",
    breaks: "pve/leaf2/garbled",
  },
];
