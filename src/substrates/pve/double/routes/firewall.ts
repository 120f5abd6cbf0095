// Routes about a VM's firewall, and the aliases and IP sets that its rules may name.
import { z } from "zod";
import { nodeOf } from "../cluster.ts";
import {
  addRule,
  changeOptions,
  changeRule,
  firewallOf,
  listRules,
  moveRule,
  ownFirewall,
  readOptions,
  readRule,
  removeRule,
} from "../firewall.ts";
import {
  addAlias,
  addIpSet,
  addressesOf,
  addToIpSet,
  changeAlias,
  listIpSets,
  readAlias,
  readIpSet,
  removeAlias,
  removeFromIpSet,
  removeIpSet,
} from "../lists.ts";
import { Refusal } from "../refusal.ts";
import { bit, names, optional, route, whole } from "../route.ts";
import type { Cluster, Firewall } from "../state.ts";

const vm = z.strictObject({ node: z.string(), vmid: whole });
const rulePlace = vm.extend({ pos: whole });
const policy = z.enum(["ACCEPT", "DROP", "REJECT"]).optional();
const logLevel = z
  .enum(["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug", "nolog"])
  .optional();

const options = vm.extend({
  ...{ dhcp: bit.optional(), enable: bit.optional(), ipfilter: bit.optional(), macfilter: bit.optional() },
  ...{ ndp: bit.optional(), radv: bit.optional(), policy_in: policy, policy_out: policy },
  ...{ log_level_in: logLevel, log_level_out: logLevel, delete: names.optional() },
});

/** Empty values are sent for what a rule does not have. Macros are not known in the lab. */
const content = z.strictObject({
  type: z.enum(["in", "out"]),
  action: z.enum(["ACCEPT", "DROP", "REJECT"]),
  enable: whole.optional(),
  ...{ proto: z.preprocess((text) => text || undefined, z.enum(["tcp", "udp", "icmp"]).optional()) },
  ...{ source: optional, dest: optional, sport: optional, iface: optional, log: optional, comment: optional },
  dport: optional.refine((text) => /^\d+(:\d+)?(,\d+(:\d+)?)*$/.test(text ?? "0"), "invalid port list"),
  "icmp-type": optional,
  macro: z.literal("").optional(),
});

const address = z.strictObject({ cidr: z.string(), comment: z.string().optional() });
const named = z.strictObject({ name: z.string().regex(/^[A-Za-z][A-Za-z0-9_-]+$/) });

const audit = { on: "/vms/{vmid}", all: ["VM.Audit"] } as const;
const change = { on: "/vms/{vmid}", all: ["VM.Config.Network"] } as const;
const rootAudit = { on: "/", all: ["Sys.Audit"] } as const;
const rootChange = { on: "/", all: ["Sys.Modify"] } as const;

const ofVm = [
  route("GET /nodes/{node}/qemu/{vmid}/firewall/options", {
    model: vm,
    needs: audit,
    run: (place, { cluster }) => readOptions(seen(cluster, place)),
  }),
  route("PUT /nodes/{node}/qemu/{vmid}/firewall/options", {
    model: options,
    needs: change,
    run: ({ node, vmid, delete: gone, ...wanted }, { cluster }) =>
      changeOptions(own(cluster, { node, vmid }), given(wanted), gone ?? []),
  }),
  route("GET /nodes/{node}/qemu/{vmid}/firewall/rules", {
    model: vm,
    needs: audit,
    run: (place, { cluster }) => listRules(seen(cluster, place)),
  }),
  route("POST /nodes/{node}/qemu/{vmid}/firewall/rules", {
    model: vm.extend(content.shape),
    needs: change,
    run: ({ node, vmid, macro: _macro, enable = 0, ...rule }, { cluster }) => {
      refuseUnknownNames(cluster, rule);
      addRule(own(cluster, { node, vmid }), { ...rule, enable });
    },
  }),
  route("GET /nodes/{node}/qemu/{vmid}/firewall/rules/{pos}", {
    model: rulePlace,
    needs: audit,
    run: ({ pos, ...place }, { cluster }) => readRule(seen(cluster, place), pos),
  }),
  route("PUT /nodes/{node}/qemu/{vmid}/firewall/rules/{pos}", {
    model: rulePlace.extend(content.partial().shape).extend({ moveto: whole.optional() }),
    needs: change,
    run: ({ node, vmid, pos, moveto, macro: _macro, ...rule }, { cluster }) => {
      const firewall = own(cluster, { node, vmid });
      refuseUnknownNames(cluster, rule);
      if (moveto === undefined) changeRule(firewall, pos, rule);
      else moveRule(firewall, pos, moveto);
    },
  }),
  route("DELETE /nodes/{node}/qemu/{vmid}/firewall/rules/{pos}", {
    model: rulePlace,
    needs: change,
    run: ({ pos, ...place }, { cluster }) => removeRule(own(cluster, place), pos),
  }),
];

const ofDatacenter = [
  route("POST /cluster/firewall/aliases", {
    model: named.extend(address.shape),
    needs: rootChange,
    run: ({ name, ...alias }, { cluster }) => addAlias(cluster, name, alias),
  }),
  route("GET /cluster/firewall/aliases/{name}", {
    model: named,
    needs: rootAudit,
    run: ({ name }, { cluster }) => readAlias(cluster, name),
  }),
  route("PUT /cluster/firewall/aliases/{name}", {
    model: named.extend(address.shape).extend({ rename: z.string().optional() }),
    needs: rootChange,
    run: ({ name, ...alias }, { cluster }) => changeAlias(cluster, name, alias),
  }),
  route("DELETE /cluster/firewall/aliases/{name}", {
    model: named,
    needs: rootChange,
    run: ({ name }, { cluster }) => removeAlias(cluster, name),
  }),
  route("GET /cluster/firewall/ipset", {
    model: z.strictObject({}),
    needs: rootAudit,
    run: (_, { cluster }) => listIpSets(cluster),
  }),
  route("POST /cluster/firewall/ipset", {
    model: named.extend({ comment: z.string().optional() }),
    needs: rootChange,
    run: ({ name, comment }, { cluster }) => addIpSet(cluster, name, comment),
  }),
  route("GET /cluster/firewall/ipset/{name}", {
    model: named,
    needs: rootAudit,
    run: ({ name }, { cluster }) => readIpSet(cluster, name),
  }),
  route("POST /cluster/firewall/ipset/{name}", {
    model: named.extend(address.shape),
    needs: rootChange,
    run: ({ name, ...entry }, { cluster }) => addToIpSet(cluster, name, entry),
  }),
  route("DELETE /cluster/firewall/ipset/{name}", {
    model: named,
    needs: rootChange,
    run: ({ name }, { cluster }) => removeIpSet(cluster, name),
  }),
  route("DELETE /cluster/firewall/ipset/{name}/{cidr*}", {
    model: named.extend({ cidr: z.string() }),
    needs: rootChange,
    run: ({ name, cidr }, { cluster }) => removeFromIpSet(cluster, name, cidr),
  }),
];

export const firewallRoutes = [...ofVm, ...ofDatacenter];

type VmPlace = { readonly node: string; readonly vmid: number };

/** PVE keeps a VM's firewall in a file of its own and does not ask whether there is such a VM. */
function seen(cluster: Cluster, { node, vmid }: VmPlace): Firewall {
  nodeOf(cluster, node);
  return firewallOf(cluster, vmid);
}

function own(cluster: Cluster, { node, vmid }: VmPlace): Firewall {
  nodeOf(cluster, node);
  return ownFirewall(cluster, vmid);
}

function given(
  wanted: Readonly<Record<string, string | number | undefined>>,
): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(wanted).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
  );
}

/** A rule that names an IP set which is not there is refused when it is made, not when a packet comes. */
function refuseUnknownNames(
  cluster: Cluster,
  rule: { readonly source?: string | undefined; readonly dest?: string | undefined },
): void {
  for (const field of [rule.source, rule.dest]) {
    const unknown = addressesOf(cluster, field ?? "0.0.0.0/0").find((cidr) => !/^[\d.]+\/\d+$/.test(cidr));
    if (unknown !== undefined) throw new Refusal(400, `invalid address or unknown name '${field}'`);
  }
}
