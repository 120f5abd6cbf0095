// Whether network, routes and rules are what is declared: nothing missing, nothing extra, and in force.
import { z } from "zod";
import type { Check } from "../../../check/check.ts";
import { fail, list, type Outcome, pass, type Sentence, say } from "../../../check/outcome.ts";
import { judgeLines } from "../../cloud/checks/lines.ts";
import { idOf, logical, networkOf, sameName, subnetIdOf, titleOf } from "../names.ts";
import { lineOfRoute, routesOf } from "../routes.ts";
import { declaredLines, lineOf } from "../rules.ts";
import type { Scene } from "../scene.ts";
import { judgeEffectiveRoutes, judgeEffectiveRules } from "./effective.ts";
import { gate } from "./gates.ts";

/** azure.network, azure.routes and azure.sg. */
export function networkChecks(scene: Scene): readonly Check[] {
  const about = { after: [gate] as const, deadline: 120_000 };
  return [
    { ...about, id: "azure.network", observe: (signal) => checkNetwork(scene, signal) },
    { ...about, id: "azure.routes", observe: (signal) => checkRoutes(scene, signal) },
    { ...about, id: "azure.sg", observe: (signal) => checkSecurity(scene, signal) },
  ];
}

const reference = z.object({ id: z.string() });
const vnet = z.object({
  addressSpace: z.object({ addressPrefixes: z.array(z.string()) }),
  provisioningState: z.string(),
  subnets: z.array(reference),
  virtualNetworkPeerings: z.array(z.unknown()).default([]),
});
const subnet = z.object({
  addressPrefix: z.string().optional(),
  addressPrefixes: z.array(z.string()).default([]),
  provisioningState: z.string(),
  networkSecurityGroup: reference.optional(),
  routeTable: reference.optional(),
  natGateway: reference.optional(),
  defaultOutboundAccess: z.boolean().optional(),
});

async function checkNetwork(scene: Scene, signal: AbortSignal): Promise<Outcome> {
  const { functions, seen } = scene;
  scene.idOf(logical.network);
  const { group, name } = networkOf(scene.config);
  const args = { resourceGroupName: group, virtualNetworkName: name };
  const token = "azure-native:network:getVirtualNetwork";
  const [network, part] = await Promise.all([
    functions.find({ token, args, model: vnet }, signal),
    findSubnet(scene, signal),
  ]);
  seen.note("network", { network, subnet: part });
  const wrong: Sentence[] = [
    network === undefined ? say`the network does not exist` : [],
    part === undefined ? say`the subnet does not exist` : [],
    network === undefined || isDeclared(network, scene) ? [] : say`the network differs`,
    part === undefined || isPart(part, scene) ? [] : say`the subnet differs`,
  ].flat();
  return wrong.length === 0 ? pass(say`network and subnet are as declared`) : fail(list(wrong, "; "));
}

function findSubnet(scene: Scene, signal: AbortSignal): Promise<z.infer<typeof subnet> | undefined> {
  scene.idOf(logical.subnet);
  const { group, name } = networkOf(scene.config);
  const subnetName = titleOf(scene.config, logical.subnet);
  const args = { resourceGroupName: group, virtualNetworkName: name, subnetName };
  return scene.functions.find({ token: "azure-native:network:getSubnet", args, model: subnet }, signal);
}

/** A second range, a peering or another subnet is an extra; what was there before us has its own. */
function isDeclared(network: z.infer<typeof vnet>, { config }: Scene): boolean {
  const { addressSpace, provisioningState, subnets, virtualNetworkPeerings } = network;
  const alone =
    virtualNetworkPeerings.length === 0 && subnets.every(({ id }) => sameName(id, subnetIdOf(config)));
  const whole = addressSpace.addressPrefixes.join() === config.network.cidr;
  return whole && provisioningState === "Succeeded" && (alone || config.network.adopt !== undefined);
}

function isPart(part: z.infer<typeof subnet>, { config }: Scene): boolean {
  const prefixes = [part.addressPrefix ?? [], part.addressPrefixes].flat();
  const security = idOf(config, "Microsoft.Network/networkSecurityGroups", logical.security);
  return (
    new Set(prefixes).size === 1 &&
    prefixes[0] === config.network.subnet &&
    part.provisioningState === "Succeeded" &&
    sameName(part.networkSecurityGroup?.id, security) &&
    part.natGateway === undefined &&
    part.defaultOutboundAccess === false
  );
}

const table = z.object({
  provisioningState: z.string(),
  disableBgpRoutePropagation: z.boolean(),
  routes: z.array(
    z.object({
      addressPrefix: z.string(),
      nextHopType: z.string(),
      nextHopIpAddress: z.string().optional(),
    }),
  ),
});

/** The table as it is, that the subnet follows it, and what comes of it at each interface. */
async function checkRoutes(scene: Scene, signal: AbortSignal): Promise<Outcome> {
  scene.idOf(logical.routes);
  const args = scene.named("routeTableName", logical.routes);
  const token = "azure-native:network:getRouteTable";
  const [found, part] = await Promise.all([
    scene.functions.find({ token, args, model: table }, signal),
    findSubnet(scene, signal),
  ]);
  if (found === undefined) return fail(say`there is no such route table`);
  if (!sameName(part?.routeTable?.id, idOf(scene.config, "Microsoft.Network/routeTables", logical.routes)))
    return fail(say`the subnet does not follow the declared route table`);
  if (!found.disableBgpRoutePropagation) return fail(say`the route table takes in what gateways tell`);
  const judged = judgeLines(found.routes.map(lineOfRoute), routesOf().map(lineOfRoute), say`routes`);
  return judged.result === "pass" ? judgeEffectiveRoutes(scene, signal) : judged;
}

const rule = z.object({
  priority: z.number(),
  direction: z.string(),
  access: z.string(),
  protocol: z.string(),
  sourceAddressPrefix: z.string().optional(),
  sourceAddressPrefixes: z.array(z.string()).optional(),
  sourcePortRange: z.string().optional(),
  sourcePortRanges: z.array(z.string()).optional(),
  destinationAddressPrefix: z.string().optional(),
  destinationAddressPrefixes: z.array(z.string()).optional(),
  destinationPortRange: z.string().optional(),
  destinationPortRanges: z.array(z.string()).optional(),
});
const securityGroup = z.object({ provisioningState: z.string(), securityRules: z.array(rule) });

/** Rules with their places, that guests are under them alone, and what comes of them at each interface. */
async function checkSecurity(scene: Scene, signal: AbortSignal): Promise<Outcome> {
  const { functions, config } = scene;
  scene.idOf(logical.security);
  const args = scene.named("networkSecurityGroupName", logical.security);
  const token = "azure-native:network:getNetworkSecurityGroup";
  const [found, part] = await Promise.all([
    functions.find({ token, args, model: securityGroup }, signal),
    findSubnet(scene, signal),
  ]);
  if (found === undefined) return fail(say`there is no such security group`);
  const own = idOf(config, "Microsoft.Network/networkSecurityGroups", logical.security);
  if (!sameName(part?.networkSecurityGroup?.id, own))
    return fail(say`the subnet is not under the declared security group`);
  const nics = await Promise.all(config.guests.map((guest) => scene.nic(guest, signal)));
  const strange = config.guests.filter((_, index) => nics[index]?.networkSecurityGroup !== undefined);
  if (strange.length > 0)
    return fail(say`a security group of their own: ${list(strange.map(({ name }) => name))}`);
  const judged = judgeLines(found.securityRules.map(lineOf), declaredLines(config), say`rules`);
  return judged.result === "pass" ? judgeEffectiveRules(scene, signal) : judged;
}
