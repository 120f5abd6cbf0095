// The guests' firewalls: all the switches that must be on for them to do anything, and the rules in their order.
import type { z } from "zod";
import type { Check } from "../../../check/check.ts";
import { fail, list, type Outcome, pass, type Sentence, say } from "../../../check/outcome.ts";
import type { Seen } from "../../seen.ts";
import type { Api } from "../api.ts";
import type { PveConfig } from "../config.ts";
import { firewallOptions, firewallRules, firewallSwitches, type VmConfig } from "../models.ts";
import type { Guest } from "../topology.ts";
import { gate } from "./gates.ts";
import { configOf, pathOf } from "./machines.ts";

/** pve.fw for each guest; that packets heed it is for probes to show. */
export function firewallChecks(config: PveConfig, api: Api, seen: Seen): readonly Check[] {
  return config.guests.map((guest) => ({
    id: "pve.fw",
    target: guest.name,
    after: [gate],
    deadline: 30_000,
    observe: (signal) => checkFirewall(config, guest, { api, seen, signal }),
  }));
}

type Looking = { readonly api: Api; readonly seen: Seen; readonly signal: AbortSignal };

async function checkFirewall(
  config: PveConfig,
  guest: Guest,
  { api, seen, signal }: Looking,
): Promise<Outcome> {
  const [datacenter, node, options, rules, found] = await Promise.all([
    api.get("/cluster/firewall/options", firewallSwitches, signal),
    api.get(`/nodes/${guest.node}/firewall/options`, firewallSwitches, signal),
    api.get(`${pathOf(guest)}/firewall/options`, firewallOptions, signal),
    api.get(`${pathOf(guest)}/firewall/rules`, firewallRules, signal),
    configOf(api, guest, signal),
  ]);
  if (found === undefined) return fail(say`${guest.name} does not exist`);
  // A node's own switch is about the node's traffic, not its guests'; which of PVE's two firewalls works there is material.
  seen.note(`firewall of ${guest.node}`, node);
  const wrong = [
    // A number: when it was switched on, or 1.
    (datacenter.enable ?? 0) > 0 ? [] : [say`the datacenter's firewall is off`],
    optionFaults(config, options),
    rulesFault(config, rules),
    cardFaults(guest, found),
  ].flat();
  return wrong.length === 0
    ? pass(say`the firewall of ${guest.name} is on, with ${rules.length} rules as declared`)
    : fail(say`the firewall of ${guest.name}: ${list(wrong)}`);
}

function optionFaults(config: PveConfig, options: z.infer<typeof firewallOptions>): Sentence[] {
  return [
    options.enable ? [] : [say`it is off`],
    options.policy_in === config.firewall.input ? [] : [say`its input policy differs`],
    options.policy_out === "ACCEPT" ? [] : [say`its output policy differs`],
    options.dhcp ? [] : [say`it holds back DHCP`],
    options.macfilter ? [] : [say`it lets foreign MAC addresses out`],
    options.ipfilter ? [say`it holds back foreign addresses`] : [],
  ].flat();
}

type Rule = z.infer<typeof firewallRules>[number];

function rulesFault(config: PveConfig, rules: readonly Rule[]): Sentence[] {
  const ordered = rules.toSorted((a, b) => a.pos - b.pos).map(lineOf);
  const wanted = config.firewall.rules.map((rule) => lineOf({ ...rule, type: "in", enable: true }));
  if (ordered.length !== wanted.length)
    return [say`it has ${ordered.length} rules, expected ${wanted.length}`];
  const wrong = wanted.filter((line, at) => line !== ordered[at]).length;
  return wrong === 0 ? [] : [say`${wrong} of its rules differ or are out of order`];
}

/** All of a rule that decides about packets. */
const deciding = [
  ...(["type", "enable", "action", "macro", "proto", "icmp-type"] as const),
  ...(["sport", "dport", "source", "dest", "iface"] as const),
] as const;

/** A rule by that and its comment. */
function lineOf(rule: Partial<Omit<Rule, "pos">>): string {
  return JSON.stringify([...deciding.map((key) => rule[key] ?? ""), rule.comment?.trim() ?? ""]);
}

/** It stands before an interface only where the interface says so. */
function cardFaults(guest: Guest, found: VmConfig): Sentence[] {
  const wrong = guest.nics.filter((nic, index) => {
    const on = /(^|,)firewall=1(,|$)/.test(String(found[`net${index}`] ?? ""));
    return on !== nic.firewall;
  }).length;
  return wrong === 0 ? [] : [say`it is not before the interfaces that were declared, in ${wrong} cases`];
}
