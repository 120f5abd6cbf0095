// A VM's firewall: its options and its ordered rules.
import { digestOf } from "./digest.ts";
import { Refusal } from "./refusal.ts";
import type { Cluster, Firewall, Rule, Setting } from "./state.ts";

/** Some of a rule; what is there but undefined is cleared, where a rule can be without it. */
export type RuleChange = { readonly [K in keyof Rule]?: Rule[K] | undefined };

/** The firewall of a VM, for reading: an empty one where nobody has set anything. */
export function firewallOf(cluster: Cluster, vmid: number): Firewall {
  return cluster.firewalls.get(vmid) ?? { options: new Map(), rules: [] };
}

/** The firewall of a VM, for changing. */
export function ownFirewall(cluster: Cluster, vmid: number): Firewall {
  const firewall = firewallOf(cluster, vmid);
  cluster.firewalls.set(vmid, firewall);
  return firewall;
}

/** GET …/firewall/options */
export function readOptions({ options }: Firewall): Record<string, Setting> {
  return { ...Object.fromEntries(options), digest: digestOf([...options]) };
}

/** PUT …/firewall/options: values in the types that they are kept and given in; `gone` go back to their defaults. */
export function changeOptions(
  { options }: Firewall,
  wanted: Readonly<Record<string, Setting>>,
  gone: readonly string[],
): void {
  for (const key of gone) options.delete(key);
  for (const [key, value] of Object.entries(wanted)) options.set(key, value);
}

/** GET …/firewall/rules: positions are numbers here. */
export function listRules({ rules }: Firewall): Record<string, unknown>[] {
  const digest = digestOf(rules);
  return rules.map((rule, pos) => ({ ...rule, pos, digest }));
}

/** GET …/firewall/rules/{pos}: the position is a string here; the provider can not decode a number. */
export function readRule(firewall: Firewall, pos: number): Record<string, unknown> {
  return { ...ruleAt(firewall, pos), pos: String(pos), digest: digestOf(firewall.rules) };
}

/** POST …/firewall/rules: a new rule comes first. */
export function addRule({ rules }: Firewall, rule: Rule): void {
  rules.unshift(rule);
}

/** PUT …/firewall/rules/{pos}: other content for the rule there. */
export function changeRule(firewall: Firewall, pos: number, change: RuleChange): void {
  const rule = ruleAt(firewall, pos);
  const { type = rule.type, action = rule.action, enable = rule.enable, ...rest } = change;
  firewall.rules.splice(pos, 1, { ...rule, ...rest, type, action, enable });
}

/** PUT …/firewall/rules/{pos} with `moveto`: the rule goes before the one that is at `to` now. */
export function moveRule(firewall: Firewall, pos: number, to: number): void {
  const rule = ruleAt(firewall, pos);
  firewall.rules.splice(pos, 1);
  firewall.rules.splice(to > pos ? to - 1 : to, 0, rule);
}

/** DELETE …/firewall/rules/{pos} */
export function removeRule(firewall: Firewall, pos: number): void {
  ruleAt(firewall, pos);
  firewall.rules.splice(pos, 1);
}

function ruleAt({ rules }: Firewall, pos: number): Rule {
  const rule = rules[pos];
  if (rule === undefined) throw new Refusal(400, `no rule at position ${pos}`);
  return rule;
}
