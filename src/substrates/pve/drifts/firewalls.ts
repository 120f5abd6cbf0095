// Prepared changes of firewalls: of single VMs, and of the switch over all of them.
import type { PreparedDrift } from "../../double.ts";

const client1 = "/nodes/pve1/qemu/9101";
const leaf1 = "/nodes/pve1/qemu/9102";
const leaf2 = "/nodes/pve2/qemu/9103";
const client2 = "/nodes/pve2/qemu/9104";

/** Each lets something in, or out of order, that the declaration does not. */
export const firewalls: readonly PreparedDrift[] = [
  {
    name: "firewall-options-reset",
    summary: "the firewall options of a VM are back at their defaults: it is off",
    check: "pve.fw",
    change: {
      requests: [
        {
          method: "PUT",
          path: `${client1}/firewall/options`,
          form: {
            delete: "dhcp,enable,ipfilter,macfilter,ndp,radv,policy_in,policy_out,log_level_in,log_level_out",
          },
        },
      ],
    },
  },
  {
    name: "firewall-rule-added",
    summary: "a rule that lets more in is put before all others",
    check: "pve.fw",
    change: {
      requests: [
        {
          method: "POST",
          path: `${leaf1}/firewall/rules`,
          form: { type: "in", action: "ACCEPT", enable: "1", proto: "tcp", dport: "3389" },
        },
      ],
    },
  },
  {
    name: "firewall-rule-removed",
    summary: "a rule is taken away",
    check: "pve.fw",
    change: { requests: [{ method: "DELETE", path: `${leaf2}/firewall/rules/1` }] },
  },
  {
    name: "firewall-rules-swapped",
    summary: "two rules change places",
    check: "pve.fw",
    change: {
      requests: [{ method: "PUT", path: `${client2}/firewall/rules/1`, form: { moveto: "0" } }],
    },
  },
  {
    name: "firewall-off-interface",
    summary: "the firewall no longer stands before an interface",
    check: "pve.fw",
    change: { set: "client2.networkDevices[0].firewall", value: false },
  },
  {
    name: "firewall-off-datacenter",
    summary: "the datacenter's firewall is switched off, and with it every VM's",
    check: "pve.fw",
    along: ["g.tcp"],
    byHand: "pvesh set /cluster/firewall/options --enable 1",
    change: { requests: [{ method: "PUT", path: "/cluster/firewall/options", form: { enable: "0" } }] },
  },
];
