// Functions about security groups' rules, and about everything that carries a tag.
import type { GetSecurityGroupsResult } from "@pulumi/aws/ec2/getSecurityGroups.js";
import type { GetResourcesResult } from "@pulumi/aws/resourcegroupstaggingapi/getResources.js";
import type { GetSecurityGroupRuleResult } from "@pulumi/aws/vpc/getSecurityGroupRule.js";
import type { GetSecurityGroupRulesResult } from "@pulumi/aws/vpc/getSecurityGroupRules.js";
import { z } from "zod";
import type { Answer } from "../../../bridged/functions.ts";
import type { Properties } from "../../../double.ts";
import { arnOf } from "../account.ts";
import type { Api } from "../gateway.ts";
import type { Account, Group, Rule, Tags } from "../state.ts";
import { functionOf, matching, only, search } from "./answer.ts";

/** By token. */
export const inventoryFunctions: Readonly<Record<string, Answer<Api>>> = {
  "aws:ec2/getSecurityGroups:getSecurityGroups": functionOf(
    "DescribeSecurityGroups",
    z.object(search),
    ({ account }, args): GetSecurityGroupsResult & Properties => {
      const found = matching(account.groups.values(), args, {
        "vpc-id": ({ vpc }: Group) => vpc,
        "group-name": ({ name }: Group) => name,
      });
      return {
        ...{ id: account.region, region: account.region, tags: { ...args.tags } },
        ids: found.map(({ id }) => id),
        arns: found.map(({ id }) => arnOf(account, "security-group", id)),
        vpcIds: found.map(({ vpc }) => vpc),
      };
    },
  ),
  "aws:vpc/getSecurityGroupRules:getSecurityGroupRules": functionOf(
    "DescribeSecurityGroupRules",
    z.object(search),
    ({ account }, args): GetSecurityGroupRulesResult & Properties => ({
      ...{ id: account.region, region: account.region },
      ids: matching(rulesIn(account), args, { "group-id": ({ group }) => group }).map(({ id }) => id),
    }),
  ),
  "aws:vpc/getSecurityGroupRule:getSecurityGroupRule": functionOf(
    "DescribeSecurityGroupRules",
    z.object({ securityGroupRuleId: z.string(), region: search.region }),
    ({ account }, { securityGroupRuleId: id }): Partial<GetSecurityGroupRuleResult> & Properties => {
      const rule = only(
        rulesIn(account).filter((one) => one.id === id),
        "EC2 Security Group Rule",
      );
      return {
        ...{ id, securityGroupRuleId: id, securityGroupId: rule.group, region: account.region, tags: {} },
        ...{ isEgress: rule.out, ipProtocol: rule.protocol, fromPort: rule.from, toPort: rule.to },
        ...{ description: rule.description, cidrIpv6: "", prefixListId: "" },
        cidrIpv4: "cidr" in rule.far ? rule.far.cidr : "",
        referencedSecurityGroupId: "group" in rule.far ? rule.far.group : "",
      };
    },
  ),
  "aws:resourcegroupstaggingapi/getResources:getResources": functionOf(
    "GetResources",
    z.object({
      tagFilters: z.array(z.object({ key: z.string(), values: z.array(z.string()).optional() })).default([]),
      region: search.region,
    }),
    ({ account }, { tagFilters }): GetResourcesResult & Properties => ({
      ...{ id: account.id, region: account.region },
      resourceTagMappingLists: taggable(account)
        // It never lists what has no tag.
        .filter(({ tags }) => Object.keys(tags).length > 0)
        .filter(({ tags }) =>
          tagFilters.every(({ key, values }) => {
            const own = tags[key];
            return own !== undefined && (values === undefined || values.length === 0 || values.includes(own));
          }),
        )
        .map(({ arn, tags }) => ({ complianceDetails: [], resourceArn: arn, tags: { ...tags } })),
    }),
  ),
};

type Ruled = Rule & { readonly group: string; readonly tags: Tags };

function rulesIn({ groups }: Account): Ruled[] {
  return [...groups.values()].flatMap(({ id: group, rules }) =>
    rules.map((rule) => ({ ...rule, group, tags: {} })),
  );
}

/** Everything that can carry tags; instances that are gone are listed no more. */
function taggable(account: Account): { readonly arn: string; readonly tags: Tags }[] {
  const kinds = [
    ["vpc", account.vpcs],
    ["subnet", account.subnets],
    ["internet-gateway", account.gateways],
    ["route-table", account.tables],
    ["security-group", account.groups],
    ["key-pair", account.keys],
    ["volume", account.volumes],
    ["elastic-ip", account.addresses],
  ] as const;
  const alive = [...account.instances.values()].filter(({ state }) => state !== "terminated");
  return [
    ...kinds.flatMap(([kind, things]) =>
      [...things.values()].map(({ id, tags }) => ({ arn: arnOf(account, kind, id), tags })),
    ),
    ...alive.map(({ id, tags }) => ({ arn: arnOf(account, "instance", id), tags })),
  ];
}
