// The lab's Azure substrate as its stack config has it, provisioned as its program declares it, without any engine.
import type { RawConfig } from "../../src/environment/section.ts";
import { type AzureConfig, parseAzure } from "../../src/substrates/azure/config.ts";
import { declareAzure } from "../../src/substrates/azure/declare.ts";
import { azureDouble } from "../../src/substrates/azure/double/double.ts";
import { planAzure } from "../../src/substrates/azure/plan.ts";
import { Cloud, type CloudParts } from "./cloud.ts";

/** A provisioned substrate. */
export type Azure = Cloud<AzureConfig>;

/** Starts and provisions it, with other stack config for some keys. */
export function startAzure(changes: RawConfig = {}): Promise<Azure> {
  const parts: CloudParts<AzureConfig> = {
    name: "azure",
    double: azureDouble,
    parse: parseAzure,
    declare: declareAzure,
    plan: planAzure,
    login: ({ clientId, clientSecret, subscription, tenant }) => ({
      ...{ clientId, clientSecret: clientSecret?.reveal() },
      ...{ subscriptionId: subscription, tenantId: tenant },
    }),
  };
  return Cloud.start(parts, changes);
}
