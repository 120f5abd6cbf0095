// OCI as a substrate: the parts that the rest of the project asks for, joined.
import { common } from "../../environment/common.ts";
import { cloudGroups } from "../cloud/groups.ts";
import { newHostKeys, openCloud } from "../cloud/substrate.ts";
import type { OpenSubstrate, Substrate } from "../substrate.ts";
import { type OciConfig, parseOci } from "./config.ts";
import { policyOf } from "./policy.ts";
import { section } from "./section.ts";
import { starter, starterGuests } from "./starter.ts";

const groups = cloudGroups("oci");

/** The registry's entry. */
export const oci: Substrate = {
  name: "oci",
  component: "cloud",
  packages: ["@pulumi/oci", "oci-common", "oci-resourcesearch"],
  certifier: "certify-cloud-substrate.sh",
  // Its images bring a packet filter of their own.
  groups: { ...groups, boot: [...(groups.boot ?? []), "g.fw"] },
  sections: { substrate: common, oci: section },
  starter,
  newSecrets: () => ({ "oci:hostKeys": newHostKeys(starterGuests) }),
  open: (raw, origin) => openOci(parseOci(raw, origin)),
  double: async () => (await import("./double/double.ts")).ociDouble,
};

function openOci(config: OciConfig): OpenSubstrate {
  return openCloud(config, {
    declare: async (run) => (await import("./declare.ts")).declareOci(config, run),
    policy: policyOf(config),
    inspect: async () => (await import("./inspection.ts")).inspectOci(config),
  });
}
