// Whether network, routes and rules are what is declared: nothing missing, nothing extra, and nothing beside them in force.
import { z } from "zod";
import type { Check } from "../../../check/check.ts";
import { fail, list, type Outcome, pass, type Sentence, say } from "../../../check/outcome.ts";
import { judgeLines } from "../../cloud/checks/lines.ts";
import { logical } from "../names.ts";
import { declaredLines, lineOf } from "../rules.ts";
import type { Scene } from "../scene.ts";
import { gate } from "./gates.ts";

/** oci.network, oci.routes and oci.sg. */
export function networkChecks(scene: Scene): readonly Check[] {
  const about = { after: [gate] as const, deadline: 60_000 };
  return [
    { ...about, id: "oci.network", observe: (signal) => checkNetwork(scene, signal) },
    { ...about, id: "oci.routes", observe: (signal) => checkRoutes(scene, signal) },
    { ...about, id: "oci.sg", observe: (signal) => checkSecurity(scene, signal) },
  ];
}

const networks = z.object({
  virtualNetworks: z.array(z.object({ id: z.string(), cidrBlocks: z.array(z.string()), state: z.string() })),
});
const subnets = z.object({
  subnets: z.array(
    z.object({
      ...{ id: z.string(), cidrBlock: z.string(), state: z.string() },
      ...{ routeTableId: z.string(), securityListIds: z.array(z.string()) },
      ...{ prohibitPublicIpOnVnic: z.boolean(), prohibitInternetIngress: z.boolean() },
    }),
  ),
});
const gateways = z.object({
  gateways: z.array(z.object({ id: z.string(), enabled: z.boolean(), state: z.string() })),
});

type SubnetSeen = z.infer<typeof subnets>["subnets"][number];

async function checkNetwork(scene: Scene, signal: AbortSignal): Promise<Outcome> {
  const { network } = scene.config;
  const vcnId = scene.idOf(logical.network);
  const [{ virtualNetworks }, parts, ways] = await Promise.all([
    scene.list({ token: "oci:Core/getVcns:getVcns", model: networks }, signal),
    subnetsIn(scene, signal),
    scene.list(
      { token: "oci:Core/getInternetGateways:getInternetGateways", args: { vcnId }, model: gateways },
      signal,
    ),
  ]);
  const vcn = virtualNetworks.find(({ id }) => id === vcnId);
  const part = parts.find(({ id }) => id === scene.idOf(logical.subnet));
  const way = ways.gateways.find(({ id }) => id === scene.idOf(logical.gateway));
  scene.seen.note("network", { vcn, subnet: part });
  const others = network.adopt === undefined ? parts.filter((one) => one !== part).length : 0;
  const wrong: Sentence[] = [
    vcn === undefined ? say`the network does not exist` : [],
    part === undefined ? say`the subnet does not exist` : [],
    way === undefined ? say`the internet gateway does not exist` : [],
    // A second range is an extra.
    vcn === undefined || (vcn.cidrBlocks.join() === network.cidr && vcn.state === "AVAILABLE")
      ? []
      : say`the network differs`,
    part === undefined || isPart(part, network.subnet) ? [] : say`the subnet differs`,
    way === undefined || (way.enabled && way.state === "AVAILABLE")
      ? []
      : say`the internet gateway is not enabled`,
    others === 0 ? [] : say`${others} subnets that nobody declared`,
  ].flat();
  return wrong.length === 0
    ? pass(say`network, subnet and internet gateway are as declared`)
    : fail(list(wrong, "; "));
}

async function subnetsIn(scene: Scene, signal: AbortSignal): Promise<readonly SubnetSeen[]> {
  const args = { vcnId: scene.idOf(logical.network) };
  const found = await scene.list({ token: "oci:Core/getSubnets:getSubnets", args, model: subnets }, signal);
  return found.subnets.filter(({ state }) => state !== "TERMINATED");
}

function isPart({ cidrBlock, state, ...ways }: SubnetSeen, declared: string): boolean {
  const open = !ways.prohibitPublicIpOnVnic && !ways.prohibitInternetIngress;
  return cidrBlock === declared && state === "AVAILABLE" && open;
}

const tables = z.object({
  routeTables: z.array(
    z.object({
      id: z.string(),
      routeRules: z.array(
        z.object({ destination: z.string(), destinationType: z.string(), networkEntityId: z.string() }),
      ),
    }),
  ),
});

/** The table in force is the subnet's, unless an interface has one of its own. */
async function checkRoutes(scene: Scene, signal: AbortSignal): Promise<Outcome> {
  const own = scene.idOf(logical.routes);
  const part = (await subnetsIn(scene, signal)).find(({ id }) => id === scene.idOf(logical.subnet));
  if (part === undefined) return fail(say`the subnet does not exist`);
  if (part.routeTableId !== own)
    return fail(say`the subnet follows another route table than the declared one`);
  const astray = await guestsWhere(scene, ({ routeTableId }) => routeTableId !== "", signal);
  if (astray.length > 0) return fail(say`route tables of their own: ${list(astray)}`);
  const args = { vcnId: scene.idOf(logical.network) };
  const token = "oci:Core/getRouteTables:getRouteTables";
  const { routeTables } = await scene.list({ token, args, model: tables }, signal);
  const seen = routeTables.find(({ id }) => id === own)?.routeRules ?? [];
  return judgeLines(
    seen.map(({ destination, destinationType, networkEntityId }) =>
      [destination, destinationType, networkEntityId].join(" "),
    ),
    [["0.0.0.0/0", "CIDR_BLOCK", scene.idOf(logical.gateway)].join(" ")],
    say`routes`,
  );
}

const port = z.object({ min: z.number(), max: z.number() });
const ports = z.array(z.object({ ...port.shape, sourcePortRanges: z.array(port).default([]) })).default([]);
const rule = z.object({
  protocol: z.string(),
  stateless: z.boolean(),
  tcpOptions: ports,
  udpOptions: ports,
  icmpOptions: z.array(z.object({ type: z.number(), code: z.number() })).default([]),
});
const lists = z.object({
  securityLists: z.array(
    z.object({
      id: z.string(),
      ingressSecurityRules: z.array(z.object({ ...rule.shape, source: z.string() })),
      egressSecurityRules: z.array(z.object({ ...rule.shape, destination: z.string() })),
    }),
  ),
});

/** What any list of the subnet or any group of an interface lets in comes in: so there may be one list and no group. */
async function checkSecurity(scene: Scene, signal: AbortSignal): Promise<Outcome> {
  const own = scene.idOf(logical.security);
  const part = (await subnetsIn(scene, signal)).find(({ id }) => id === scene.idOf(logical.subnet));
  if (part !== undefined && part.securityListIds.join() !== own)
    return fail(say`the subnet is under other security lists than the declared one`);
  const grouped = await guestsWhere(scene, ({ nsgIds }) => nsgIds.length > 0, signal);
  if (grouped.length > 0) return fail(say`network security groups: ${list(grouped)}`);
  const args = { vcnId: scene.idOf(logical.network) };
  const token = "oci:Core/getSecurityLists:getSecurityLists";
  const { securityLists } = await scene.list({ token, args, model: lists }, signal);
  const seen = securityLists.find(({ id }) => id === own);
  if (seen === undefined) return fail(say`the security list does not exist`);
  const lines = [
    ...seen.ingressSecurityRules.map((each) => lineOfRule({ ...each, out: false, far: each.source })),
    ...seen.egressSecurityRules.map((each) => lineOfRule({ ...each, out: true, far: each.destination })),
  ];
  return judgeLines(lines, declaredLines(scene.config), say`rules`);
}

function lineOfRule(seen: z.infer<typeof rule> & { readonly out: boolean; readonly far: string }): string {
  const narrowed = [
    ...[...seen.tcpOptions, ...seen.udpOptions].flatMap(({ min, max, sourcePortRanges }) => [
      ...(min === 0 && max === 0 ? [] : [`${min}-${max}`]),
      ...sourcePortRanges.map((range) => `from ${range.min}-${range.max}`),
    ]),
    ...seen.icmpOptions.map(({ type, code }) => `type ${type} code ${code}`),
  ];
  return lineOf({ ...seen, narrowed });
}

/** The guests with an interface of which something is true. */
async function guestsWhere(
  scene: Scene,
  is: (vnic: Awaited<ReturnType<Scene["vnics"]>>[number]) => boolean,
  signal: AbortSignal,
) {
  const { guests } = scene.config;
  const found = await Promise.all(guests.map((guest) => scene.vnics(guest, signal)));
  return guests.filter((_, index) => found[index]?.some(is)).map(({ name }) => name);
}
