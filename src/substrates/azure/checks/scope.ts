// How the run's tag is searched for: by the resource manager's filter, and by the list of all that is in our resource group.
import { z } from "zod";
import type { Check } from "../../../check/check.ts";
import { type Found, scopeChecks } from "../../cloud/checks/scope.ts";
import { addressNameOf, groupOf, logical, nicNameOf, runTag } from "../names.ts";
import type { Scene } from "../scene.ts";
import { gate } from "./gates.ts";

/** azure.inventory and azure.filter. */
export function azureScopeChecks(scene: Scene): readonly Check[] {
  return scopeChecks({
    own: "azure",
    gate,
    run: scene.run,
    tagged: (value, signal) => findTagged(scene, value, signal),
    byKind: (_run, signal) => findInGroup(scene, signal),
    // The list of our group tells no tags.
    isListed: () => false,
    declared: async () => declaredIds(scene),
  });
}

const version = "2021-04-01";
const thing = z.object({ id: z.string() });

/** Resource groups are in no list of resources. Names of tags are the same in any case, values are not. */
export async function findTagged(
  scene: Scene,
  value: string | undefined,
  signal: AbortSignal,
): Promise<Found> {
  const { arm, subscription } = scene;
  const exact = value === undefined ? "" : ` and tagValue eq '${value}'`;
  const query = { $filter: `tagName eq '${runTag}'${exact}` };
  const [groups, things] = await Promise.all([
    arm.list({ path: `${subscription}/resourcegroups`, version, query, model: thing }, signal),
    arm.list({ path: `${subscription}/resources`, version, query, model: thing }, signal),
  ]);
  return withoutDisks(scene, [...groups, ...things], signal);
}

/** Whether it has the tag or not: what stands in our group is ours, or a stranger. */
export async function findInGroup(scene: Scene, signal: AbortSignal): Promise<Found> {
  const { arm, subscription, config } = scene;
  const group = await arm.find(
    { path: `${subscription}/resourceGroups/${groupOf(config)}`, version, model: thing },
    signal,
  );
  if (group === undefined) return [];
  const path = `${subscription}/resourceGroups/${groupOf(config)}/resources`;
  const within = await arm.list({ path, version, model: thing }, signal);
  return withoutDisks(scene, [group, ...within], signal);
}

/** A machine's own disk is the machine's: it has the tags that the machine had when it was made, whatever came later. */
async function withoutDisks(
  scene: Scene,
  all: readonly { readonly id: string }[],
  signal: AbortSignal,
): Promise<Found> {
  const known = scene.config.guests.filter(({ name }) => scene.knownId(name) !== undefined);
  const machines = await Promise.all(known.map((guest) => scene.machine(guest, signal)));
  const disks = machines.flatMap((seen) => seen?.storageProfile.osDisk.managedDisk?.id.toLowerCase() ?? []);
  return all
    .map(({ id }) => id.toLowerCase())
    .filter((id) => !disks.includes(id))
    .toSorted();
}

/** By logical name. Subnets carry no tags; what was there before us carries none of ours. */
function declaredIds(scene: Scene): ReadonlyMap<string, string> {
  const { config } = scene;
  const { group, network, routes, security, key } = logical;
  const names = [
    ...[group, routes, security, key],
    ...(config.network.adopt === undefined ? [network] : []),
    ...config.guests.flatMap((guest) => [guest.name, addressNameOf(guest), nicNameOf(guest)]),
  ];
  return new Map(names.map((name) => [name, scene.idOf(name).toLowerCase()] as const));
}
