// Functions about the account: who is asking, where, what is offered there, and how much of it may be used.
import type { GetRegionsResult } from "@pulumi/aws/account/getRegions.js";
import type { GetInstanceTypeResult } from "@pulumi/aws/ec2/getInstanceType.js";
import type { GetInstanceTypeOfferingsResult } from "@pulumi/aws/ec2/getInstanceTypeOfferings.js";
import type { GetAvailabilityZonesResult } from "@pulumi/aws/getAvailabilityZones.js";
import type { GetCallerIdentityResult } from "@pulumi/aws/getCallerIdentity.js";
import type { GetRegionResult } from "@pulumi/aws/getRegion.js";
import type { GetServiceQuotaResult } from "@pulumi/aws/servicequotas/getServiceQuota.js";
import { z } from "zod";
import type { Answer } from "../../../bridged/functions.ts";
import type { Properties } from "../../../double.ts";
import { ApiError } from "../errors.ts";
import type { Api } from "../gateway.ts";
import { functionOf, search } from "./answer.ts";

/** By token. */
export const accountFunctions: Readonly<Record<string, Answer<Api>>> = {
  "aws:index/getCallerIdentity:getCallerIdentity": functionOf(
    "GetCallerIdentity",
    z.object({}),
    ({ account, caller: arn }): GetCallerIdentityResult & Properties => ({
      ...{ id: account.id, accountId: account.id },
      ...{ arn, userId: "AROAIOSFODNN7EXAMPLE:session" },
    }),
  ),
  "aws:index/getRegion:getRegion": functionOf(
    "DescribeRegions",
    z.object({ region: z.string().optional() }),
    ({ account: { region } }): GetRegionResult & Properties => ({
      ...{ id: region, name: region, region, description: "Europe (Frankfurt)" },
      endpoint: `ec2.${region}.amazonaws.com`,
    }),
  ),
  "aws:account/getRegions:getRegions": functionOf(
    "ListRegions",
    z.object({}),
    ({ account }): GetRegionsResult & Properties => ({
      accountId: account.id,
      regionOptStatusContains: [],
      regions: [{ regionName: account.region, regionOptStatus: "ENABLED_BY_DEFAULT" }],
    }),
  ),
  "aws:index/getAvailabilityZones:getAvailabilityZones": functionOf(
    "DescribeAvailabilityZones",
    z.object({ state: z.string().optional(), region: z.string().optional() }),
    ({ account }, { state }): GetAvailabilityZonesResult & Properties => {
      const zones = account.zones.filter((zone) => state === undefined || zone.state === state);
      return {
        ...{ id: account.region, region: account.region, groupNames: [account.region] },
        names: zones.map(({ name }) => name),
        zoneIds: zones.map(({ id }) => id),
      };
    },
  ),
  "aws:servicequotas/getServiceQuota:getServiceQuota": functionOf(
    "GetServiceQuota",
    z.object({ serviceCode: z.string(), quotaCode: z.string(), region: z.string().optional() }),
    ({ account }, { serviceCode, quotaCode }): GetServiceQuotaResult & Properties => {
      const quota = account.quotas.find(({ service, code }) => service === serviceCode && code === quotaCode);
      if (quota === undefined)
        throw new ApiError("GetServiceQuota", { code: "NoSuchResourceException", text: "" });
      const arn = `arn:aws:servicequotas:${account.region}:${account.id}:${serviceCode}/${quotaCode}`;
      return {
        ...{ id: arn, arn, adjustable: true, globalQuota: false, region: account.region, usageMetrics: [] },
        ...{ quotaCode, quotaName: quota.name, serviceCode, serviceName: serviceCode.toUpperCase() },
        ...{ value: quota.value, defaultValue: quota.byDefault },
      };
    },
  ),
  "aws:ec2/getInstanceType:getInstanceType": functionOf(
    "DescribeInstanceTypes",
    z.object({ instanceType: z.string(), region: z.string().optional() }),
    ({ account }, { instanceType }): Partial<GetInstanceTypeResult> & Properties => {
      const shape = account.shapes.find(({ name }) => name === instanceType);
      if (shape === undefined)
        throw new ApiError("DescribeInstanceTypes", {
          code: "InvalidInstanceType",
          text: `The following supplied instance types do not exist: [${instanceType}]`,
        });
      return {
        ...{ id: instanceType, instanceType, region: account.region, currentGeneration: true },
        ...{ defaultVcpus: shape.vcpus, supportedArchitectures: [...shape.architectures] },
        ...{ hypervisor: "nitro", maximumNetworkInterfaces: 3, ipv6Supported: true },
      };
    },
  ),
  "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": functionOf(
    "DescribeInstanceTypeOfferings",
    z.object({
      filters: search.filters,
      region: search.region,
      locationType: z.literal("availability-zone"),
    }),
    ({ account }, { filters = [] }): GetInstanceTypeOfferingsResult & Properties => {
      const wanted = filters.find(({ name }) => name === "instance-type")?.values;
      const offers = account.zones.flatMap(({ name, shapes }) =>
        shapes.filter((shape) => wanted?.includes(shape) ?? true).map((shape) => ({ name, shape })),
      );
      return {
        ...{ id: account.region, region: account.region, locationType: "availability-zone" },
        instanceTypes: offers.map(({ shape }) => shape),
        locations: offers.map(({ name }) => name),
        locationTypes: offers.map(() => "availability-zone"),
      };
    },
  ),
};
