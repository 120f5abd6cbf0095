// Policies' view of PVE resources: tags and sizes of VMs, what firewall rules let in, and what others stand on.
import { z } from "zod";
import type { Declaring, Facts, Opening, SubstratePolicy } from "../policy.ts";
import type { PveConfig } from "./config.ts";

const types = {
  bridge: "proxmoxve:network/linux/bridge:Bridge",
  pool: "proxmoxve:index/poolLegacy:PoolLegacy",
  image: "proxmoxve:download/file:File",
  vm: "proxmoxve:index/vmLegacy:VmLegacy",
  options: "proxmoxve:firewall/optionsLegacy:OptionsLegacy",
  rules: "proxmoxve:firewall/rulesLegacy:RulesLegacy",
} as const;

/** The policies' view of a configured substrate. */
export function policyOf(config: PveConfig): SubstratePolicy {
  const guests = config.guests.length;
  return {
    counts: {
      [types.bridge]: config.bridges.length,
      [types.pool]: config.pool === undefined ? 0 : 1,
      [types.image]: config.image === undefined ? 0 : 1,
      [types.vm]: guests + 1,
      [types.options]: guests,
      [types.rules]: guests,
    },
    ceiling: config.ceiling === undefined ? undefined : { totals: config.ceiling },
    // A guest's key is its own, made at its first boot.
    hostKeys: [],
    secrets: [config.token, config.common.sshKey],
    factsOf: (resource) => factsOf(config, resource),
  };
}

function factsOf(config: PveConfig, resource: Declaring): Facts {
  const { type, name, props } = resource;
  if (type === types.bridge || type === types.pool) return { foundation: true };
  if (type === types.options) return { openings: openingsOfOptions(props) };
  if (type === types.rules) return { openings: rules.parse(props).rules.flatMap(openingsOf) };
  const adopted = name === "template" && config.template.adopt !== undefined;
  return type === types.vm && !adopted ? factsOfVm(config, props) : {};
}

const vm = z.object({
  tags: z.array(z.string()).default([]),
  description: z.string().default(""),
  template: z.boolean().default(false),
  cpu: z.object({ cores: z.number().default(1) }).prefault({}),
  memory: z.object({ dedicated: z.number().default(512) }).prefault({}),
  disks: z.array(z.object({ size: z.number().default(8) })).default([]),
  clone: z.object({}).optional(),
  initialization: z.record(z.string(), z.unknown()).default({}),
});

/** Tags take no `=`, so the run is the tag that the description repeats beside the expiry. */
function factsOfVm({ template }: PveConfig, props: Declaring["props"]): Facts {
  const { tags, description, cpu, memory, disks, clone, initialization, ...own } = vm.parse(props);
  const [, run, expires] = /^run=(\S+); expires=(\S+)$/.exec(description) ?? [];
  const declared = disks.reduce((sum, { size }) => sum + size, 0);
  const disk = declared === 0 && clone !== undefined ? template.disk : declared;
  const running = own.template ? {} : { machines: 1, cores: cpu.cores, memory: memory.dedicated };
  return {
    tags: { run: tags.find((tag) => tag === run), expires },
    costs: { disk, ...running },
    userData: JSON.stringify(initialization),
  };
}

const options = z.object({ enabled: z.boolean().default(false), inputPolicy: z.string().default("ACCEPT") });

/** Without a firewall, or with one that lets in what no rule names, everything is open. */
function openingsOfOptions(props: Declaring["props"]): readonly Opening[] {
  const { enabled, inputPolicy } = options.parse(props);
  return enabled && ["DROP", "REJECT"].includes(inputPolicy) ? [] : [{ from: undefined, ports: undefined }];
}

const rule = z.object({
  type: z.string().default("in"),
  action: z.string().default("ACCEPT"),
  enabled: z.boolean().default(true),
  proto: z.string().optional(),
  dport: z.string().optional(),
  source: z.string().optional(),
});
const rules = z.object({ rules: z.array(rule).default([]) });

/** One for each port or range. What is no number (a macro, a service's name, a group of rules) may be any port. */
function openingsOf({ type, action, enabled, proto, dport, source: from }: z.infer<typeof rule>): Opening[] {
  if (!enabled || type === "out" || action === "DROP" || action === "REJECT") return [];
  if (proto !== undefined && proto !== "tcp") return [];
  if (dport === undefined || !/^\d+(:\d+)?(,\d+(:\d+)?)*$/.test(dport)) return [{ from, ports: undefined }];
  return dport.split(",").map((range) => {
    const [first = 0, last = first] = range.split(":").map(Number);
    return { from, ports: [first, last] };
  });
}
