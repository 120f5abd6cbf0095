// How the run's tag is searched for: by the tagging service, and by EC2's own list of each kind.
import { z } from "zod";
import type { Check } from "../../../check/check.ts";
import { type Found, scopeChecks } from "../../cloud/checks/scope.ts";
import { addressNameOf, logical, runTag } from "../names.ts";
import type { Scene } from "../scene.ts";
import { gate } from "./gates.ts";

/** aws.inventory and aws.filter. */
export function awsScopeChecks(scene: Scene): readonly Check[] {
  return scopeChecks({
    own: "aws",
    gate,
    run: scene.run,
    tagged: (value, signal) => findTagged(scene, value, signal),
    byKind: (run, signal) => findByKind(scene, run, signal),
    isListed,
    declared: (signal) => declaredIds(scene, signal),
  });
}

const tagged = z.object({ resourceTagMappingLists: z.array(z.object({ resourceArn: z.string() })) });

/** Everything with the tag and that value, or with the tag at all; the provider reads all pages or fails. */
export async function findTagged(
  scene: Scene,
  value: string | undefined,
  signal: AbortSignal,
): Promise<Found> {
  const token = "aws:resourcegroupstaggingapi/getResources:getResources";
  const args = { tagFilters: [{ key: runTag, ...(value !== undefined && { values: [value] }) }] };
  const { resourceTagMappingLists: found } = await scene.functions.ask(
    { token, args, model: tagged },
    signal,
  );
  return found.map(({ resourceArn }) => resourceArn.slice(resourceArn.lastIndexOf("/") + 1)).toSorted();
}

const ids = z.object({ ids: z.array(z.string()) });
const allocations = z.object({ allocationIds: z.array(z.string()) });

/** Whether {@link findByKind} finds things of its kind. */
export function isListed(id: string): boolean {
  return ["i-", "vpc-", "sg-", "eni-", "vol-", "eipalloc-"].some((prefix) => id.startsWith(prefix));
}

/** By lists of each kind, which know also what the tags' own service has not heard of yet. Only running is the default. */
export async function findByKind({ functions }: Scene, run: string, signal: AbortSignal): Promise<Found> {
  const tags = { [runTag]: run };
  const states = ["pending", "running", "shutting-down", "stopping", "stopped"];
  const lists = await Promise.all([
    functions.ask(
      {
        token: "aws:ec2/getInstances:getInstances",
        args: { instanceTags: tags, instanceStateNames: states },
        model: ids,
      },
      signal,
    ),
    functions.ask({ token: "aws:ec2/getVpcs:getVpcs", args: { tags }, model: ids }, signal),
    functions.ask(
      { token: "aws:ec2/getSecurityGroups:getSecurityGroups", args: { tags }, model: ids },
      signal,
    ),
    functions.ask(
      { token: "aws:ec2/getNetworkInterfaces:getNetworkInterfaces", args: { tags }, model: ids },
      signal,
    ),
    functions.ask(
      {
        token: "aws:ebs/getEbsVolumes:getEbsVolumes",
        args: { filters: [{ name: `tag:${runTag}`, values: [run] }] },
        model: ids,
      },
      signal,
    ),
  ]);
  const token = "aws:ec2/getEips:getEips";
  const { allocationIds } = await functions.ask({ token, args: { tags }, model: allocations }, signal);
  return [...lists.flatMap((found) => found.ids), ...allocationIds].toSorted();
}

const key = z.object({ keyPairId: z.string() });

/** By logical name; a root volume is its instance's. What was there before us carries no tag of ours. */
async function declaredIds(scene: Scene, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const { config, functions } = scene;
  const kept: readonly string[] =
    config.network.adopt === undefined ? [] : [logical.network, logical.gateway];
  const names = [
    ...[logical.network, logical.gateway, logical.subnet, logical.routes, logical.security],
    ...config.guests.flatMap((guest) => [guest.name, addressNameOf(guest)]),
  ].filter((name) => !kept.includes(name));
  const { keyPairId } = await functions.ask(
    { token: "aws:ec2/getKeyPair:getKeyPair", args: { keyName: scene.idOf(logical.key) }, model: key },
    signal,
  );
  const volumes = await Promise.all(config.guests.map((guest) => volumeOf(scene, guest.name, signal)));
  return new Map([
    ...names.map((name) => [name, scene.idOf(name)] as const),
    [logical.key, keyPairId] as const,
    ...volumes.flatMap(({ name, found }) =>
      found.map((id, index) => [`${name}-volume-${index}`, id] as const),
    ),
  ]);
}

async function volumeOf(scene: Scene, name: string, signal: AbortSignal) {
  const args = { filters: [{ name: "attachment.instance-id", values: [scene.idOf(name)] }] };
  const token = "aws:ebs/getEbsVolumes:getEbsVolumes";
  return { name, found: (await scene.functions.ask({ token, args, model: ids }, signal)).ids };
}
