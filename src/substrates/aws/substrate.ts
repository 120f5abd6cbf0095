// AWS as a substrate: the parts that the rest of the project asks for, joined.
import { common } from "../../environment/common.ts";
import { cloudGroups } from "../cloud/groups.ts";
import { newHostKeys, openCloud } from "../cloud/substrate.ts";
import type { OpenSubstrate, Substrate } from "../substrate.ts";
import { type AwsConfig, parseAws } from "./config.ts";
import { policyOf } from "./policy.ts";
import { section } from "./section.ts";
import { starter, starterGuests } from "./starter.ts";

/** The registry's entry. */
export const aws: Substrate = {
  name: "aws",
  component: "cloud",
  packages: ["@pulumi/aws"],
  certifier: "certify-cloud-substrate.sh",
  groups: cloudGroups("aws"),
  sections: { substrate: common, aws: section },
  starter,
  newSecrets: () => ({ "aws:hostKeys": newHostKeys(starterGuests) }),
  open: (raw, origin) => openAws(parseAws(raw, origin)),
  double: async () => (await import("./double/double.ts")).awsDouble,
};

function openAws(config: AwsConfig): OpenSubstrate {
  return openCloud(config, {
    declare: async (run) => (await import("./declare.ts")).declareAws(config, run),
    policy: policyOf(config),
    inspect: async () => (await import("./inspection.ts")).inspectAws(config),
  });
}
