// The lab's AWS substrate as its stack config has it, provisioned as its program declares it, without any engine.
import type { RawConfig } from "../../src/environment/section.ts";
import { type AwsConfig, parseAws } from "../../src/substrates/aws/config.ts";
import { declareAws } from "../../src/substrates/aws/declare.ts";
import { awsDouble } from "../../src/substrates/aws/double/double.ts";
import { planAws } from "../../src/substrates/aws/plan.ts";
import { Cloud, cloudSecrets, trackedConfig } from "./cloud.ts";

export const awsConfig = (): RawConfig => trackedConfig("aws");
export const awsSecrets = (): RawConfig => cloudSecrets("aws");

/** A provisioned substrate. */
export type Aws = Cloud<AwsConfig>;

/** Starts and provisions it. */
export function startAws(): Promise<Aws> {
  return Cloud.start({
    name: "aws",
    double: awsDouble,
    parse: parseAws,
    declare: declareAws,
    plan: planAws,
    login: ({ accessKey, secretKey, region, account }) => ({
      ...{ accessKey, secretKey: secretKey?.reveal(), region },
      allowedAccountIds: JSON.stringify([account]),
    }),
  });
}
