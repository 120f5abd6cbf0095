// The security group's rules in EC2's words, for the declaration and for the check that nothing differs.
import type { CloudRule } from "../cloud/section.ts";
import type { AwsConfig } from "./config.ts";

/** One rule as the inline list of a security group takes it. */
export type GroupRule = {
  readonly description: string;
  readonly protocol: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly cidrBlocks?: string[];
  readonly self?: boolean;
};

/** What may come in. */
export function ingressOf({ ingress }: Pick<AwsConfig, "ingress">): GroupRule[] {
  return ingress.map((rule) => ({
    description: rule.about,
    ...shapeOf(rule),
    ...(rule.from === "inside" ? { self: true } : { cidrBlocks: rule.from }),
  }));
}

/** Everything may go out, and without saying so nothing may: the provider takes EC2's own rule away. */
export const egress: GroupRule[] = [
  { description: "everything", protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"] },
];

/** -1 stands for all protocols, and for all types of ICMP (EC2 API, IpPermission). */
function shapeOf({ protocol, port }: CloudRule) {
  if (protocol === "any") return { protocol: "-1", fromPort: 0, toPort: 0 };
  if (protocol === "icmp") return { protocol, fromPort: -1, toPort: -1 };
  return { protocol, fromPort: port ?? 0, toPort: port ?? 65535 };
}

/** One far side of a rule, as EC2 lists it: a line to compare. `self` stands for the group itself. */
export function lineOf(rule: {
  readonly egress: boolean;
  readonly protocol: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly far: string;
}): string {
  // For all protocols EC2 keeps no ports, which the functions show as -1 or 0.
  const ports = rule.protocol === "-1" ? "all" : `${rule.fromPort}-${rule.toPort}`;
  return [rule.egress ? "out" : "in", rule.protocol, ports, rule.far].join(" ");
}

/** All lines that the declaration comes to. */
export function declaredLines(config: Pick<AwsConfig, "ingress">): readonly string[] {
  const lines = (rules: readonly GroupRule[], out: boolean) =>
    rules.flatMap(({ cidrBlocks = [], self = false, ...rule }) =>
      [...cidrBlocks, ...(self ? ["self"] : [])].map((far) => lineOf({ ...rule, egress: out, far })),
    );
  return [...lines(ingressOf(config), false), ...lines(egress, true)];
}
