// Whether network, routes and rules are what is declared: nothing missing, nothing extra.
import { z } from "zod";
import type { Check } from "../../../check/check.ts";
import { fail, list, type Outcome, pass, type Sentence, say } from "../../../check/outcome.ts";
import { judgeLines } from "../../cloud/checks/lines.ts";
import { logical } from "../names.ts";
import { declaredLines, lineOf } from "../rules.ts";
import type { Scene } from "../scene.ts";
import { gate } from "./gates.ts";

/** aws.network, aws.routes and aws.sg. */
export function networkChecks(scene: Scene): readonly Check[] {
  const about = { after: [gate] as const, deadline: 60_000 };
  return [
    { ...about, id: "aws.network", observe: (signal) => checkNetwork(scene, signal) },
    { ...about, id: "aws.routes", observe: (signal) => checkRoutes(scene, signal) },
    { ...about, id: "aws.sg", observe: (signal) => checkSecurity(scene, signal) },
  ];
}

const vpc = z.object({
  cidrBlock: z.string(),
  cidrBlockAssociations: z.array(z.object({ cidrBlock: z.string() })),
  state: z.string(),
  enableDnsSupport: z.boolean(),
  enableDnsHostnames: z.boolean(),
});
const subnet = z.object({
  cidrBlock: z.string(),
  availabilityZoneId: z.string(),
  state: z.string(),
  mapPublicIpOnLaunch: z.boolean(),
  vpcId: z.string(),
});
const gateway = z.object({ attachments: z.array(z.object({ vpcId: z.string(), state: z.string() })) });

async function checkNetwork(scene: Scene, signal: AbortSignal): Promise<Outcome> {
  const { config, functions } = scene;
  const vpcId = scene.idOf(logical.network);
  const [network, part, way] = await Promise.all([
    functions.find({ token: "aws:ec2/getVpc:getVpc", args: { id: vpcId }, model: vpc }, signal),
    functions.find(
      { token: "aws:ec2/getSubnet:getSubnet", args: { id: scene.idOf(logical.subnet) }, model: subnet },
      signal,
    ),
    functions.find(
      {
        token: "aws:ec2/getInternetGateway:getInternetGateway",
        args: { internetGatewayId: scene.idOf(logical.gateway) },
        model: gateway,
      },
      signal,
    ),
  ]);
  scene.seen.note("network", { network, subnet: part });
  const wrong: Sentence[] = [
    network === undefined ? say`the network does not exist` : [],
    part === undefined ? say`the subnet does not exist` : [],
    way === undefined ? say`the internet gateway does not exist` : [],
    network === undefined || isDeclared(network, config.network) ? [] : say`the network differs`,
    part === undefined || isPart(part, vpcId, scene) ? [] : say`the subnet differs`,
    way === undefined || way.attachments.some((one) => one.vpcId === vpcId && one.state === "available")
      ? []
      : say`the internet gateway is not attached to the network`,
  ].flat();
  return wrong.length === 0
    ? pass(say`network, subnet and internet gateway are as declared`)
    : fail(list(wrong, "; "));
}

/** A second range is an extra. */
function isDeclared(network: z.infer<typeof vpc>, { cidr }: { readonly cidr: string }): boolean {
  const { cidrBlock, cidrBlockAssociations, state, enableDnsSupport, enableDnsHostnames } = network;
  const whole = cidrBlock === cidr && cidrBlockAssociations.every((one) => one.cidrBlock === cidr);
  return whole && state === "available" && enableDnsSupport && enableDnsHostnames;
}

function isPart(part: z.infer<typeof subnet>, vpcId: string, { config }: Scene): boolean {
  const { cidrBlock, availabilityZoneId, state, mapPublicIpOnLaunch } = part;
  const placed = part.vpcId === vpcId && availabilityZoneId === config.zone.id;
  return placed && cidrBlock === config.network.subnet && state === "available" && !mapPublicIpOnLaunch;
}

const table = z.object({
  routeTableId: z.string(),
  routes: z.array(z.record(z.string(), z.unknown())),
});

/**
 * By the subnet, so that it is the table in force. A subnet that nobody has associated with a table is found by none: it
 * follows its network's main table then, which is the finding.
 */
async function checkRoutes(scene: Scene, signal: AbortSignal): Promise<Outcome> {
  const args = { subnetId: scene.idOf(logical.subnet) };
  const token = "aws:ec2/getRouteTable:getRouteTable";
  const found = await scene.functions.find({ token, args, model: table }, signal);
  if (found === undefined) return fail(say`the subnet has no routes of its own`);
  if (found.routeTableId !== scene.idOf(logical.routes))
    return fail(say`the subnet follows another route table than the declared one`);
  const declared = [lineOfRoute({ cidrBlock: "0.0.0.0/0", gatewayId: scene.idOf(logical.gateway) })];
  return judgeLines(found.routes.map(lineOfRoute), declared, say`routes`);
}

/** Everything that a route says; what it does not say is empty. The function leaves the local route out. */
function lineOfRoute(route: Readonly<Record<string, unknown>>): string {
  const told = Object.entries(route).filter(([, value]) => value !== "" && value !== undefined);
  return JSON.stringify(told.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const ids = z.object({ ids: z.array(z.string()) });
const rule = z.object({
  isEgress: z.boolean(),
  ipProtocol: z.string(),
  fromPort: z.number().default(-1),
  toPort: z.number().default(-1),
  cidrIpv4: z.string().default(""),
  cidrIpv6: z.string().default(""),
  prefixListId: z.string().default(""),
  referencedSecurityGroupId: z.string().default(""),
});

/** Each rule on its own, as EC2 keeps them: the function for a whole group tells of no rules. */
async function checkSecurity(scene: Scene, signal: AbortSignal): Promise<Outcome> {
  const { functions, config } = scene;
  const group = scene.idOf(logical.security);
  const args = { filters: [{ name: "group-id", values: [group] }] };
  const token = "aws:vpc/getSecurityGroupRules:getSecurityGroupRules";
  const found = await functions.ask({ token, args, model: ids }, signal);
  const rules = await Promise.all(
    found.ids.map((securityGroupRuleId) =>
      functions.ask(
        {
          token: "aws:vpc/getSecurityGroupRule:getSecurityGroupRule",
          args: { securityGroupRuleId },
          model: rule,
        },
        signal,
      ),
    ),
  );
  const guests = await Promise.all(config.guests.map((guest) => scene.instance(guest, signal)));
  const bare = config.guests.filter((_, index) => {
    const groups = guests[index]?.vpcSecurityGroupIds;
    return groups !== undefined && groups.join() !== group;
  });
  if (bare.length > 0) return fail(say`other security groups: ${list(bare.map(({ name }) => name))}`);
  return judgeLines(
    rules.map((each) => lineOfRule(each, group)),
    declaredLines(config),
    say`rules`,
  );
}

function lineOfRule(seen: z.infer<typeof rule>, group: string): string {
  const other = seen.referencedSecurityGroupId === group ? "self" : seen.referencedSecurityGroupId;
  return lineOf({
    egress: seen.isEgress,
    protocol: seen.ipProtocol,
    fromPort: seen.fromPort,
    toPort: seen.toPort,
    far: [seen.cidrIpv4, seen.cidrIpv6, seen.prefixListId, other].filter((part) => part !== "").join("+"),
  });
}
