// What the cluster's networks and firewalls mean on the wire, in the world's words.
import type { Filter, FilterRule, Nic } from "../../../world/machine.ts";
import { firewallOf } from "./firewall.ts";
import { addressesOf } from "./lists.ts";
import { liveBridge, passes } from "./network.ts";
import { nicsOf, type VmNic } from "./nics.ts";
import type { Cluster, Rule, Vm } from "./state.ts";

/** How the lab is cabled: the same port of every node leads into the same switch. */
const cabling: Readonly<Record<string, string>> = { eno1: "uplink", eno2: "fabric" };

/** Where each of a running VM's interfaces is plugged in, and what stands before it. */
export function lowerNics(cluster: Cluster, vm: Vm): Nic[] {
  return nicsOf(vm.config).map((nic) => {
    const segment = segmentOf(cluster, vm.node, nic);
    const mtu = nic.bridge === undefined ? undefined : liveBridge(cluster, vm.node, nic.bridge)?.mtu;
    const filter = nic.firewall ? filterOf(cluster, vm, nic.index) : undefined;
    return {
      mac: nic.mac,
      ...(segment !== undefined && { segment }),
      ...(mtu !== undefined && { mtu: Number(mtu) }),
      ...(filter !== undefined && { filter }),
    };
  });
}

/**
 * A tag needs a VLAN-aware bridge that lets it pass. Real PVE would help itself with one more bridge per tag where
 * the bridge is not VLAN-aware; here such an interface is cut off, as one is whose bridge lost its filter while it ran.
 */
function segmentOf(
  cluster: Cluster,
  node: string,
  { bridge: name, vlan, unplugged }: VmNic,
): string | undefined {
  const bridge = name === undefined ? undefined : liveBridge(cluster, node, name);
  if (bridge === undefined || unplugged) return undefined;
  if (vlan !== undefined && !(bridge.vlanAware === 1 && passes(bridge, vlan))) return undefined;
  const cable = bridge.ports?.flatMap((port) => cabling[port] ?? [])[0];
  return `pve/${cable ?? `${node}/${bridge.iface}`}/${vlan ?? "untagged"}`;
}

/** It works only where it is on for the datacenter, for the VM and for the interface (pve-firewall.adoc). */
function filterOf(cluster: Cluster, vm: Vm, nic: number): Filter | undefined {
  const firewall = firewallOf(cluster, vm.id);
  if (cluster.datacenter.get("enable") !== 1 || firewall.options.get("enable") !== 1) return undefined;
  const rules = firewall.rules.filter(
    ({ enable, iface }) => enable === 1 && (iface ?? `net${nic}`) === `net${nic}`,
  );
  return {
    policyIn: firewall.options.get("policy_in") === "ACCEPT" ? "accept" : "drop",
    policyOut: (firewall.options.get("policy_out") ?? "ACCEPT") === "ACCEPT" ? "accept" : "drop",
    rules: rules.flatMap((rule) => lowerRule(cluster, rule)),
  };
}

/** One rule may stand for several: a list of addresses or ports. */
function lowerRule(cluster: Cluster, rule: Rule): FilterRule[] {
  // The lab's guests send no other ICMP than echo requests.
  if (!["echo-request", "any", undefined].includes(rule["icmp-type"])) return [];
  const far = rule.type === "in" ? rule.source : rule.dest;
  const remotes = far === undefined ? [undefined] : addressesOf(cluster, far);
  const ports = rule.dport === undefined ? [undefined] : rule.dport.split(",").map(portRange);
  return remotes.flatMap((remote) =>
    ports.map((range) => ({
      direction: rule.type,
      action: rule.action === "ACCEPT" ? ("accept" as const) : ("drop" as const),
      protocol: rule.proto ?? ("any" as const),
      ...(range !== undefined && { ports: range }),
      ...(remote !== undefined && { remote }),
    })),
  );
}

function portRange(text: string): readonly [number, number] {
  const [first = 0, last = first] = text.split(":").map(Number);
  return [first, last];
}
