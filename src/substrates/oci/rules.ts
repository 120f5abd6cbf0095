// The security list's rules in OCI's words, for the declaration and for the check that nothing differs.
import type { CloudRule } from "../cloud/section.ts";
import type { OciConfig } from "./config.ts";

type Told = Pick<OciConfig, "ingress" | "network">;

type Ports = { readonly min: number; readonly max: number };

/** What the inline lists of a security list take, whichever way they lead. */
type ListRule = {
  readonly description: string;
  /** A number, as IANA assigns them, or `all`. */
  readonly protocol: string;
  readonly stateless: boolean;
  readonly tcpOptions?: Ports;
  readonly udpOptions?: Ports;
};

/** A rule for what may come in. */
export type IngressRule = ListRule & { readonly source: string; readonly sourceType: string };

const numbers = { any: "all", icmp: "1", tcp: "6", udp: "17" } as const;

/** What may come in; a rule has one source. Whoever is under the same list is in the subnet. */
export function ingressOf({ ingress, network }: Told): IngressRule[] {
  return ingress.flatMap((rule) => {
    const sources = rule.from === "inside" ? [network.subnet] : rule.from;
    return sources.map((source) => ({ ...shapeOf(rule), source, sourceType: "CIDR_BLOCK" }));
  });
}

/** Everything may go out, and without saying so nothing may. */
export const egress = [
  {
    ...{ description: "everything", protocol: numbers.any, stateless: false },
    ...{ destination: "0.0.0.0/0", destinationType: "CIDR_BLOCK" },
  },
];

function shapeOf({ about, protocol, port }: CloudRule): ListRule {
  const ports = port === undefined ? {} : { [`${protocol}Options`]: { min: port, max: port } };
  return { description: about, protocol: numbers[protocol], stateless: false, ...ports };
}

/** One rule as OCI lists it: a line to compare. */
export function lineOf(rule: {
  readonly out: boolean;
  readonly protocol: string;
  readonly stateless: boolean;
  readonly far: string;
  /** Everything that narrows it further, in words. */
  readonly narrowed: readonly string[];
}): string {
  const state = rule.stateless ? ["stateless"] : [];
  return [rule.out ? "out" : "in", rule.protocol, rule.far, ...rule.narrowed, ...state].join(" ");
}

/** All lines that the declaration comes to. */
export function declaredLines(config: Told): readonly string[] {
  const ingress = ingressOf(config).map(({ tcpOptions, udpOptions, protocol, stateless, source }) => {
    const ports = tcpOptions ?? udpOptions;
    const narrowed = ports === undefined ? [] : [`${ports.min}-${ports.max}`];
    return lineOf({ out: false, protocol, stateless, far: source, narrowed });
  });
  const outwards = egress.map(({ protocol, stateless, destination }) =>
    lineOf({ out: true, protocol, stateless, far: destination, narrowed: [] }),
  );
  return [...ingress, ...outwards];
}
