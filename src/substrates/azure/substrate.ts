// Azure as a substrate: the parts that the rest of the project asks for, joined.
import { common } from "../../environment/common.ts";
import { cloudGroups } from "../cloud/groups.ts";
import { newHostKeys, openCloud } from "../cloud/substrate.ts";
import type { OpenSubstrate, Substrate } from "../substrate.ts";
import { type AzureConfig, parseAzure } from "./config.ts";
import { policyOf } from "./policy.ts";
import { section } from "./section.ts";
import { starter, starterGuests } from "./starter.ts";

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
    inspect: async () => (await import("./inspection.ts")).inspectAzure(config),
  });
}
