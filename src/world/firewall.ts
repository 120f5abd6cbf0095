// A guest's own packet filter: whether it lets a new flow in, and how iptables(8) changes and shows it.
import { contains } from "./address.ts";
import type { Packet } from "./filter.ts";
import type { HostFirewall, HostRule } from "./machine.ts";

const chains = { INPUT: "input", FORWARD: "forward" } as const;

/** Whether a new flow may come into a guest, or through it. Replies to known flows do not come here. */
export function admits(
  firewall: HostFirewall | undefined,
  chain: keyof HostFirewall,
  { protocol, port, source }: Packet,
): boolean {
  const rule = firewall?.[chain].find(
    (candidate) =>
      ["any", protocol].includes(candidate.protocol) &&
      (candidate.port === undefined || candidate.port === port) &&
      (candidate.source === undefined || contains(candidate.source, source)),
  );
  return rule?.action !== "reject";
}

/**
 * `iptables -I CHAIN [-s NETWORK] [-p PROTOCOL [--dport PORT]] -j ACCEPT|REJECT`: puts a rule before all others.
 * @returns none where these words are unknown here
 */
export function inserted(
  firewall: HostFirewall,
  [option, chain = "", ...words]: readonly string[],
): HostFirewall | undefined {
  const known = Object.entries(chains).find(([name]) => name === chain)?.[1];
  const rule = ruleIn(words.join(" "));
  if (option !== "-I" || known === undefined || rule === undefined) return undefined;
  return { ...firewall, [known]: [rule, ...firewall[known]] };
}

function ruleIn(words: string): HostRule | undefined {
  const shape = /^(?:-s (\S+) )?(?:-p (tcp|udp|icmp) )?(?:--dport (\d+) )?-j (ACCEPT|REJECT)$/;
  const [whole, source, protocol = "any", port, target] = shape.exec(words) ?? [];
  if (whole === undefined || (port !== undefined && !["tcp", "udp"].includes(protocol))) return undefined;
  return {
    action: target === "ACCEPT" ? "accept" : "reject",
    protocol: (["tcp", "udp", "icmp"] as const).find((word) => word === protocol) ?? "any",
    ...(port !== undefined && { port: Number(port) }),
    ...(source !== undefined && { source }),
  };
}

/** A chain of its own keeps users of some clouds' images from disks that the metadata service leads to (/etc/iptables/rules.v4). */
const services = [
  "-A OUTPUT -d 169.254.0.0/16 -j InstanceServices",
  "-A InstanceServices -d 169.254.0.2/32 -p tcp -m owner --uid-owner 0 -m tcp --dport 3260 -j ACCEPT",
  "-A InstanceServices -d 169.254.169.254/32 -p tcp -m tcp --dport 80 -j ACCEPT",
  "-A InstanceServices -d 169.254.0.0/16 -p tcp -m tcp -j REJECT --reject-with tcp-reset",
  "-A InstanceServices -d 169.254.0.0/16 -p udp -m udp -j REJECT --reject-with icmp-port-unreachable",
];

/** What iptables-save(8) prints. The image's own rules for known flows and for the guest itself are left to the kernel. */
export function saved(firewall: HostFirewall | undefined): string {
  const lines = Object.entries(chains).flatMap(([name, chain]) =>
    (firewall?.[chain] ?? []).map((rule) => `-A ${name} ${wordsOf(rule)}`),
  );
  const heads = [...Object.keys(chains), "OUTPUT"].map((name) => `:${name} ACCEPT [0:0]`);
  const image = firewall === undefined ? [] : services;
  const own = image.length === 0 ? [] : [":InstanceServices - [0:0]"];
  return ["*filter", ...heads, ...own, ...lines, ...image, "COMMIT", ""].join("\n");
}

function wordsOf({ action, protocol, port, source }: HostRule): string {
  return [
    ...(source === undefined ? [] : ["-s", source]),
    ...(protocol === "any" ? [] : ["-p", protocol]),
    ...(port === undefined ? [] : ["-m", protocol, "--dport", `${port}`]),
    ...(action === "accept" ? ["-j", "ACCEPT"] : ["-j", "REJECT", "--reject-with", "icmp-host-prohibited"]),
  ].join(" ");
}
