// Proxmox VE as a substrate: the parts that the rest of the project asks for, joined.
import { common } from "../../environment/common.ts";
import type { OpenSubstrate, Substrate } from "../substrate.ts";
import { type PveConfig, parsePve } from "./config.ts";
import { groups } from "./groups.ts";
import { policyOf } from "./policy.ts";
import { section } from "./section.ts";
import { starter } from "./starter.ts";
import { endpointsOf } from "./topology.ts";

/** The registry's entry. */
export const pve: Substrate = {
  name: "pve",
  component: "pve",
  packages: ["@muhlba91/pulumi-proxmoxve"],
  certifier: "certify-pve-substrate.sh",
  groups,
  sections: { substrate: common, pve: section },
  starter,
  open: (raw, origin) => openPve(parsePve(raw, origin)),
  double: async () => (await import("./double/double.ts")).pveDouble,
};

function openPve(config: PveConfig): OpenSubstrate {
  return {
    topology: config.common.topology,
    declaration: config,
    endpoints: endpointsOf(config.guests, config.user),
    flows: config.flows.map(({ from, to, address }) => ({
      ...{ from: from.name, to: to.name },
      ...{ address, protocol: "icmp" as const },
    })),
    edges: config.edges.flatMap(({ guest, publicAddress }) =>
      endpointsOf([guest], config.user).map((endpoint) => ({
        ...{ endpoint, publicAddress, access: config.common },
      })),
    ),
    declare: async (run) => (await import("./declare.ts")).declarePve(config, run),
    policy: policyOf(config),
    inspect: async () => (await import("./inspection.ts")).inspectPve(config),
  };
}
