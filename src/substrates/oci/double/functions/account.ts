// Functions about the tenancy: whose it is, who may use it, where, and how much may be used.
import type { GetAvailabilityDomainsResult } from "@pulumi/oci/identity/getAvailabilityDomains.js";
import type { GetCompartmentResult } from "@pulumi/oci/identity/getCompartment.js";
import type { GetFaultDomainsResult } from "@pulumi/oci/identity/getFaultDomains.js";
import type { GetRegionSubscriptionsResult } from "@pulumi/oci/identity/getRegionSubscriptions.js";
import type { GetTenancyResult } from "@pulumi/oci/identity/getTenancy.js";
import type { GetUserResult } from "@pulumi/oci/identity/getUser.js";
import type { GetLimitDefinitionsResult } from "@pulumi/oci/limits/getLimitDefinitions.js";
import type { GetResourceAvailabilityResult } from "@pulumi/oci/limits/getResourceAvailability.js";
import type { GetNamespaceResult } from "@pulumi/oci/objectstorage/getNamespace.js";
import { z } from "zod";
import type { Answer } from "../../../bridged/functions.ts";
import type { Properties } from "../../../double.ts";
import { invalid, notFound, present } from "../errors.ts";
import type { Api } from "../gateway.ts";
import { timeOf } from "../tenancy.ts";
import { functionOf, itself, within } from "./answer.ts";

const ofTenancy = z.object({ tenancyId: z.string() });
const noTags = { definedTags: {}, freeformTags: {} };

/** By token. */
export const accountFunctions: Readonly<Record<string, Answer<Api>>> = {
  "oci:ObjectStorage/getNamespace:getNamespace": functionOf(
    "GetNamespace",
    z.object({ compartmentId: z.string().optional() }),
    ({ account: { namespace } }): GetNamespaceResult & Properties => ({ id: namespace, namespace }),
  ),
  "oci:Identity/getTenancy:getTenancy": functionOf(
    "GetTenancy",
    ofTenancy,
    ({ account }, { tenancyId }): GetTenancyResult & Properties => {
      const { id, name } = itself(account, tenancyId);
      const about = { description: name, homeRegionKey: "FRA", upiIdcsCompatibilityLayerEndpoint: "" };
      return { id, name, tenancyId, ...about, ...noTags };
    },
  ),
  "oci:Identity/getUser:getUser": functionOf(
    "GetUser",
    z.object({ userId: z.string() }),
    ({ account }, { userId }): Partial<GetUserResult> & Properties => {
      const { name, state } = present(account.users.get(userId), "GetUser");
      return { id: userId, userId, name, state, compartmentId: account.id, inactiveState: "", ...noTags };
    },
  ),
  "oci:Identity/getCompartment:getCompartment": functionOf(
    "GetCompartment",
    z.object({ id: z.string() }),
    ({ account }, { id }): GetCompartmentResult & Properties => {
      if (id !== account.compartment.id) throw notFound("GetCompartment");
      const { name } = account.compartment;
      return {
        ...{ id, name, compartmentId: account.id, description: name, inactiveState: "", isAccessible: true },
        ...{ state: "ACTIVE", timeCreated: timeOf(0), ...noTags },
      };
    },
  ),
  "oci:Identity/getRegionSubscriptions:getRegionSubscriptions": functionOf(
    "ListRegionSubscriptions",
    ofTenancy,
    ({ account }, { tenancyId }): GetRegionSubscriptionsResult & Properties => ({
      ...{ id: itself(account, tenancyId).id, tenancyId },
      regionSubscriptions: [
        { regionName: account.region, regionKey: "FRA", isHomeRegion: true, state: "READY", tenancyId },
      ],
    }),
  ),
  "oci:Identity/getAvailabilityDomains:getAvailabilityDomains": functionOf(
    "ListAvailabilityDomains",
    z.object(within),
    ({ account }, { compartmentId }): GetAvailabilityDomainsResult & Properties => ({
      ...{ id: itself(account, compartmentId).id, compartmentId },
      availabilityDomains: account.domains.map(({ name }, index) => ({
        ...{ name, compartmentId },
        id: `ocid1.availabilitydomain.oc1..exampleuniqueid${index}`,
      })),
    }),
  ),
  "oci:Identity/getFaultDomains:getFaultDomains": functionOf(
    "ListFaultDomains",
    z.object({ ...within, availabilityDomain: z.string() }),
    ({ account }, { compartmentId, availabilityDomain }): GetFaultDomainsResult & Properties => {
      const { id } = itself(account, compartmentId);
      const domain = account.domains.find(({ name }) => name === availabilityDomain);
      const named = present(domain, "ListFaultDomains").faultDomains.map((name) => ({
        ...{ name, availabilityDomain, compartmentId },
        id: `ocid1.faultdomain.oc1..exampleunique${name.toLowerCase()}`,
      }));
      return { id, compartmentId, availabilityDomain, faultDomains: named };
    },
  ),
  "oci:Limits/getLimitDefinitions:getLimitDefinitions": functionOf(
    "ListLimitDefinitions",
    z.object({ ...within, serviceName: z.string().optional(), name: z.string().optional() }),
    ({ account }, { compartmentId, serviceName, name }): GetLimitDefinitionsResult & Properties => ({
      ...{ id: itself(account, compartmentId).id, compartmentId },
      limitDefinitions: account.limits
        .filter((one) => one.service === (serviceName ?? one.service) && one.name === (name ?? one.name))
        .map((one) => ({
          ...{ name: one.name, serviceName: one.service, scopeType: one.scope, description: one.name },
          ...{ areQuotasSupported: true, isDeprecated: false, isDynamic: false },
          ...{ isEligibleForLimitIncrease: true, isResourceAvailabilitySupported: true },
          ...{ externalLocationSupportedSubscriptions: [], supportedQuotaFamilies: [] },
          supportedSubscriptions: [],
        })),
    }),
  ),
  "oci:Limits/getResourceAvailability:getResourceAvailability": functionOf(
    "GetResourceAvailability",
    z.object({
      ...within,
      serviceName: z.string(),
      limitName: z.string(),
      availabilityDomain: z.string().optional(),
    }),
    ({ account }, asked): GetResourceAvailabilityResult & Properties => {
      itself(account, asked.compartmentId);
      const limit = account.limits.find(
        ({ service, name }) => service === asked.serviceName && name === asked.limitName,
      );
      const { scope, used, value } = present(limit, "GetResourceAvailability");
      if ((scope === "AD") !== (asked.availabilityDomain !== undefined))
        throw invalid("GetResourceAvailability", `availabilityDomain does not fit the scope ${scope}`);
      const inUse = used(account);
      return {
        ...{ id: asked.limitName, compartmentId: asked.compartmentId, serviceName: asked.serviceName },
        ...{ limitName: asked.limitName, available: `${value - inUse}`, used: `${inUse}` },
        ...{ effectiveQuotaValue: value, fractionalAvailability: value - inUse, fractionalUsage: inUse },
      };
    },
  ),
};
