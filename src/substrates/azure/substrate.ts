// Azure as a substrate: the parts that the rest of the project asks for, joined.
import { common } from "../../environment/common.ts";
import { cloudGroups } from "../cloud/groups.ts";
import { newHostKeys, openCloud } from "../cloud/substrate.ts";
import type { OpenSubstrate, Substrate } from "../substrate.ts";
import { gateChecks } from "./checks/gates.ts";
import { remainsCheck } from "./checks/remains.ts";
import { type AzureConfig, parseAzure } from "./config.ts";
import { planAzure } from "./plan.ts";
import { policyOf } from "./policy.ts";
import { mends, replaceable } from "./repair.ts";
import { Scene } from "./scene.ts";
import { section } from "./section.ts";
import { starter, starterGuests } from "./starter.ts";
import { verifiers } from "./verifiers.ts";

const { boot = [], ...groups } = cloudGroups("azure");

/** The registry's entry. */
export const azure: Substrate = {
  name: "azure",
  component: "cloud",
  packages: ["@pulumi/azure-native", "@azure/core-rest-pipeline"],
  certifier: "certify-cloud-substrate.sh",
  groups: { ...groups, boot: ["azure.vm", ...boot] },
  sections: { substrate: common, azure: section },
  starter,
  newSecrets: () => ({ "azure:hostKeys": newHostKeys(starterGuests) }),
  open: (raw, origin) => openAzure(parseAzure(raw, origin)),
  double: async () => (await import("./double/double.ts")).azureDouble,
};

function openAzure(config: AzureConfig): OpenSubstrate {
  return openCloud(config, {
    declare: async (run) => (await import("./declare.ts")).declareAzure(config, run),
    policy: policyOf(config),
    plan: (sight, seen) => planAzure(config, sight, seen),
    remains: (sight, seen, patience) => {
      const scene = new Scene(config, sight, seen);
      return [...gateChecks(scene), remainsCheck(scene, patience)];
    },
    verifiers: (resource) => verifiers(config, resource),
    mends: (failed) => mends(config, failed),
    replaceable: replaceable(config),
  });
}
