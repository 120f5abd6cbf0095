// Proxmox VE as a substrate: the parts that the rest of the project asks for, joined.
import { common } from "../../environment/common.ts";
import { Seen } from "../seen.ts";
import type { OpenSubstrate, Substrate } from "../substrate.ts";
import { openApi } from "./api.ts";
import { gateChecks } from "./checks/gates.ts";
import { remainsCheck } from "./checks/remains.ts";
import { type PveConfig, parsePve } from "./config.ts";
import { groups } from "./groups.ts";
import { planPve } from "./plan.ts";
import { policyOf } from "./policy.ts";
import { claimOf } from "./repair/claim.ts";
import { mends, replaceable } from "./repair.ts";
import { section } from "./section.ts";
import { starter } from "./starter.ts";
import { endpointsOf } from "./topology.ts";
import { verifiers } from "./verifiers.ts";

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
  const seen = new Seen();
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
    plan: (sight) => planPve(config, sight, seen),
    remains: (sight, patience) => {
      const api = sight.closing.use(openApi(config));
      const gates = gateChecks(config, api, { seen, repair: false });
      return [...gates, remainsCheck(config, api, { run: sight.run, patience })];
    },
    verifiers: (resource) => verifiers(config, resource),
    mends: (failed) => mends(config, failed),
    replaceable: replaceable(config),
    claim: async (claim, signal) => {
      await using api = openApi(config);
      return await claimOf(claim, api, signal);
    },
    observed: () => seen.all(),
  };
}
