// What the checks of a PVE substrate prove, by group.
import type { Substrate } from "../substrate.ts";

/** Every check that is ever planned is in one of these. */
export const groups: Substrate["groups"] = {
  api: ["pve.tls", "pve.api", "pve.perms", "pve.nodes", "pve.proxy"],
  bridges: ["pve.bridges.config", "pve.bridges.pending", "pve.bridges.live"],
  templates: ["pve.template", "pve.baseimage", "pve.storage"],
  "guest-agent": ["pve.qga.enabled", "pve.qga.responsive", "pve.qga.exec"],
  "config-drive": ["pve.ci.attached", "pve.ci.pending", "pve.ci.readable", "pve.ci.fresh"],
  boot: [
    ...(["pve.vm.state", "pve.placement", "g.ssh", "g.cloudinit", "g.hostname"] as const),
    ...(["g.userdata", "g.instanceid", "g.addr"] as const),
  ],
  reachability: ["pve.fw", "pve.forwarding", "pve.l2", "pve.l3", "pve.mtu", "g.tcp"],
  state: ["pve.drift", "pve.inventory"],
};
