// The double of the aws plugin against the SDK's own types: every key that it takes or gives must be one of theirs.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tokens } from "../../src/substrates/aws/double/provider.ts";
import type { Properties } from "../../src/substrates/double.ts";
import { type Aws, startAws } from "../support/aws.ts";
import { membersOf, strangers } from "../support/sdk.ts";

let aws: Aws;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws[Symbol.asyncDispose]());

const signal = new AbortController().signal;

/** `aws:ec2/getVpc:getVpc` → `ec2/getVpc`, `aws:index/getRegion:getRegion` → `getRegion` */
function moduleOf(token: string): string {
  return (token.split(":")[1] ?? "").replace(/^index\//, "");
}

/** The members of one of a module's interfaces. */
const membersIn = (module: string, suffix: string) => membersOf("@pulumi/aws", module, { suffix });

describe("resources", () => {
  it("are all made by the declaration", () => {
    const made = new Set([...aws.things.values()].map(({ type }) => type));
    expect([...made].toSorted()).toEqual(tokens.types.toSorted());
  });

  it.each(tokens.types)("%s gives the outputs that the SDK knows, made, previewed and read", async (type) => {
    const thing = [...aws.things.values()].find((one) => one.type === type);
    if (thing === undefined) throw new TypeError(type);
    const members = membersIn(moduleOf(type), "State");
    const double = aws.session.resource(type);
    expect(strangers(thing.outputs, members)).toEqual([]);
    const read = await double.read(thing.id, thing, signal);
    expect(strangers(read?.outputs ?? {}, members)).toEqual([]);
    expect(Object.keys(read?.outputs ?? {})).toEqual(Object.keys(thing.outputs));
    const args = membersIn(moduleOf(type), "Args");
    expect(strangers(read?.inputs ?? {}, args)).toEqual([]);
    for (const key of Object.keys(double.preview(thing.inputs))) expect(members.has(key), key).toBe(true);
    expect(double.diff({ ...thing, outputs: read?.outputs ?? {} }, thing.inputs)).toEqual([]);
  });
});

describe("functions", () => {
  const asked = (): Readonly<Record<string, Properties>> => {
    const id = (name: string) => aws.thing(name).id;
    const filters = [{ name: "group-id", values: [id("security")] }];
    return {
      "aws:index/getAvailabilityZones:getAvailabilityZones": { state: "available" },
      "aws:servicequotas/getServiceQuota:getServiceQuota": { serviceCode: "ec2", quotaCode: "L-1216C47A" },
      "aws:ec2/getInstanceType:getInstanceType": { instanceType: "t3.small" },
      "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": { locationType: "availability-zone" },
      "aws:ec2/getAmi:getAmi": { filters: [{ name: "image-id", values: ["ami-0123456789abcdef0"] }] },
      "aws:ec2/getKeyPair:getKeyPair": { keyName: id("key"), includePublicKey: true },
      "aws:ec2/getInstance:getInstance": { instanceId: id("client1"), getUserData: true },
      "aws:ec2/getVpc:getVpc": { id: id("network") },
      "aws:ec2/getSubnet:getSubnet": { id: id("subnet") },
      "aws:ec2/getInternetGateway:getInternetGateway": { internetGatewayId: id("gateway") },
      "aws:ec2/getRouteTable:getRouteTable": { subnetId: id("subnet") },
      "aws:ec2/getElasticIp:getElasticIp": { id: id("client1-address") },
      "aws:vpc/getSecurityGroupRules:getSecurityGroupRules": { filters },
    };
  };

  it.each(tokens.functions)("%s answers with the results that the SDK knows", async (token) => {
    const rule = "aws:vpc/getSecurityGroupRule:getSecurityGroupRule";
    const rules = await aws.session.invoke("aws:vpc/getSecurityGroupRules:getSecurityGroupRules", {}, signal);
    const first = Array.isArray(rules.ids) ? rules.ids[0] : undefined;
    const args = token === rule ? { securityGroupRuleId: first } : (asked()[token] ?? {});
    const answer = await aws.session.invoke(token, args, signal);
    expect(strangers(answer, membersIn(moduleOf(token), "Result"))).toEqual([]);
    expect(Object.keys(answer).length).toBeGreaterThan(0);
    expect(strangers(args, membersIn(moduleOf(token), "Args"))).toEqual([]);
  });

  it("refuse what they do not know: a token, an argument, a filter", async () => {
    const ask = (token: string, args: Properties) => aws.session.invoke(token, args, signal);
    await expect(ask("aws:ec2/getSpotPrice:getSpotPrice", {})).rejects.toThrow("unknown function");
    await expect(ask("aws:ec2/getVpc:getVpc", { id: "vpc-1", colour: "red" })).rejects.toThrow("colour");
    const filters = [{ name: "colour", values: ["red"] }];
    await expect(ask("aws:ec2/getVpcs:getVpcs", { filters })).rejects.toThrow("InvalidParameterValue");
    expect(() => aws.session.resource("aws:ec2/spotFleetRequest:SpotFleetRequest")).toThrow(
      "unknown resource type",
    );
  });
});
