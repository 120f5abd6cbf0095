// How the run's tag is searched for: by the search service, page by page, and by the compartment's own list of each kind.
import { z } from "zod";
import type { Check } from "../../../check/check.ts";
import { type Found, scopeChecks } from "../../cloud/checks/scope.ts";
import { addressNameOf, logical, runTag } from "../names.ts";
import type { Scene } from "../scene.ts";
import { type Hit, searchTag } from "../search.ts";
import { gate } from "./gates.ts";

/** oci.inventory and oci.filter. */
export function ociScopeChecks(scene: Scene): readonly Check[] {
  const elsewhere = new Set<string>();
  return scopeChecks({
    own: "oci",
    gate,
    run: scene.run,
    tagged: async (value, signal) => {
      const found = await searchTag(scene.config, { key: runTag, value }, signal);
      for (const hit of found) if (!isListed(scene, hit)) elsewhere.add(hit.id);
      return found.map(({ id }) => id);
    },
    byKind: (run, signal) => findByKind(scene, run, signal),
    isListed: (id) => isOfKind(id) && !elsewhere.has(id),
    declared: (signal) => declaredIds(scene, signal),
  });
}

const things = z.array(
  z.object({ id: z.string(), state: z.string(), freeformTags: z.record(z.string(), z.string()).default({}) }),
);

/** By token: the output that holds the list, and what is asked beside the compartment. */
const kinds = [
  ["oci:Core/getInstances:getInstances", "instances"],
  ["oci:Core/getVcns:getVcns", "virtualNetworks"],
  ["oci:Core/getSubnets:getSubnets", "subnets"],
  ["oci:Core/getInternetGateways:getInternetGateways", "gateways"],
  ["oci:Core/getRouteTables:getRouteTables", "routeTables"],
  ["oci:Core/getSecurityLists:getSecurityLists", "securityLists"],
  ["oci:Core/getNetworkSecurityGroups:getNetworkSecurityGroups", "networkSecurityGroups"],
  ["oci:Core/getPublicIps:getPublicIps", "publicIps", { scope: "REGION" }],
  ["oci:Core/getBootVolumes:getBootVolumes", "bootVolumes"],
  ["oci:Core/getVolumes:getVolumes", "volumes"],
] as const;

/** The same kinds, as OCIDs name them. */
const kindsListed: readonly string[] = [
  ...["instance", "vcn", "subnet", "internetgateway", "routetable", "securitylist"],
  ...["networksecuritygroup", "publicip", "bootvolume", "volume"],
];

/** Whether {@link findByKind} would find it: it asks for its kind, in our compartment alone. */
export function isListed({ config }: Scene, { id, compartment }: Hit): boolean {
  return isOfKind(id) && compartment === config.compartment.id;
}

function isOfKind(id: string): boolean {
  return kindsListed.some((kind) => id.startsWith(`ocid1.${kind}.`));
}

/** These functions read all pages or fail. An instance that is gone stays listed for half a day. */
export async function findByKind(scene: Scene, run: string, signal: AbortSignal): Promise<Found> {
  const lists = await Promise.all(
    kinds.map(async ([token, key, args = {}]) => {
      const answer = await scene.list({ token, args, model: z.object({ [key]: things }) }, signal);
      return Object.values(answer).flat();
    }),
  );
  return lists
    .flat()
    .filter(({ state, freeformTags }) => state !== "TERMINATED" && freeformTags[runTag] === run)
    .map(({ id }) => id)
    .toSorted();
}

/** By logical name; a network interface is its instance's. What was there before us carries no tag of ours. */
async function declaredIds(scene: Scene, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const { config } = scene;
  const kept: readonly string[] =
    config.network.adopt === undefined ? [] : [logical.network, logical.gateway];
  const names = [
    ...Object.values(logical),
    ...config.guests.flatMap((guest) => [guest.name, addressNameOf(guest)]),
  ].filter((name) => !kept.includes(name));
  const vnics = await Promise.all(
    config.guests.map(async (guest) => {
      const [first] = await scene.vnics(guest, signal);
      return first === undefined ? [] : [[`${guest.name}-interface`, first.vnicId] as const];
    }),
  );
  return new Map([...names.map((name) => [name, scene.idOf(name)] as const), ...vnics.flat()]);
}
