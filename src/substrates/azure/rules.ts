// The security group's rules in Azure's words, for the declaration and for the checks that nothing differs.
import type { CloudRule } from "../cloud/section.ts";

/** One rule as the inline list of a network security group takes it. */
export type GroupRule = {
  readonly name: string;
  readonly description: string;
  readonly priority: number;
  readonly direction: "Inbound" | "Outbound";
  readonly access: "Allow" | "Deny";
  readonly protocol: string;
  readonly sourcePortRange: string;
  readonly destinationPortRange: string;
  readonly destinationAddressPrefix: string;
  readonly sourceAddressPrefix?: string;
  readonly sourceAddressPrefixes?: string[];
};

/** Priorities go from 100 to 4096, one for each rule; the last is for what shuts everything else. */
const priorities = { first: 100, step: 10, last: 4096 } as const;

/** As many rules as have a priority before the last one. */
export const mostRules = Math.floor((priorities.last - priorities.first) / priorities.step);

type Ruled = { readonly ingress: readonly CloudRule[]; readonly network: { readonly subnet: string } };

/**
 * What may come in, and that nothing else may: Azure's own rules let in whatever its tag VirtualNetwork stands for, which
 * also holds the prefixes of routes (Azure docs, "Virtual network service tags"). What goes out is left to Azure's own rules.
 */
export function rulesOf({ ingress, network }: Ruled): GroupRule[] {
  const allowed = ingress.map((rule, index) => ({
    ...shut,
    name: ruleNameOf(rule),
    description: rule.about,
    priority: priorities.first + index * priorities.step,
    access: "Allow" as const,
    protocol: { any: "*", tcp: "Tcp", udp: "Udp", icmp: "Icmp" }[rule.protocol],
    destinationPortRange: rule.port === undefined ? "*" : String(rule.port),
    ...sourceOf(rule.from === "inside" ? [network.subnet] : rule.from),
  }));
  return [...allowed, { ...shut, sourceAddressPrefix: "*" }];
}

const shut = {
  name: "nothing-else",
  description: "everything else is shut",
  priority: priorities.last,
  direction: "Inbound" as const,
  access: "Deny" as const,
  protocol: "*",
  sourcePortRange: "*",
  destinationPortRange: "*",
  destinationAddressPrefix: "*",
};

/** Letters, digits, dashes, and neither at an end that Azure refuses. */
export function ruleNameOf({ about }: Pick<CloudRule, "about">): string {
  return about.replaceAll(/[ -]+/g, "-").replace(/-$/, "");
}

/** Azure has a word for one prefix and another for several. */
function sourceOf(prefixes: readonly string[]) {
  const [first = "", ...others] = prefixes;
  return others.length === 0 ? { sourceAddressPrefix: first } : { sourceAddressPrefixes: [...prefixes] };
}

/** A rule as Azure tells it; what it leaves out is not set. */
export type SeenRule = {
  readonly priority?: number | undefined;
  readonly direction: string;
  readonly access: string;
  readonly protocol: string;
} & { readonly [K in Side]?: string | undefined } & {
  readonly [K in `${Side}s` | `${Side}es`]?: readonly string[] | undefined;
};

type Side = "sourceAddressPrefix" | "sourcePortRange" | "destinationAddressPrefix" | "destinationPortRange";

/** Everything in a rule that decides about packets, and its place among the others: a line to compare. */
export function lineOf(rule: SeenRule): string {
  const side = (one: string | undefined, several: readonly string[] | undefined) =>
    [...(one === undefined || one === "" ? [] : [one]), ...(several ?? [])].toSorted().join("+");
  return [
    ...[rule.priority ?? 0, rule.direction, rule.access, rule.protocol.toLowerCase()],
    side(rule.sourceAddressPrefix, rule.sourceAddressPrefixes),
    side(rule.sourcePortRange, rule.sourcePortRanges),
    side(rule.destinationAddressPrefix, rule.destinationAddressPrefixes),
    side(rule.destinationPortRange, rule.destinationPortRanges),
  ].join(" ");
}

/** All lines that the declaration comes to. */
export function declaredLines(config: Ruled): readonly string[] {
  return rulesOf(config).map(lineOf);
}
