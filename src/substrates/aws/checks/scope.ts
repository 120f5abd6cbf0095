// What the run's tag finds: exactly what is declared, by the tags of everything and by the lists of each kind.
import { z } from "zod";
import type { Check } from "../../../check/check.ts";
import { fail, list, type Outcome, pass, type Sentence, say } from "../../../check/outcome.ts";
import { poll } from "../../../check/poll.ts";
import { Unreadable } from "../../../check/unreadable.ts";
import { addressNameOf, logical, runTag } from "../names.ts";
import type { Scene } from "../scene.ts";
import { gate } from "./gates.ts";

/** aws.inventory and aws.filter. */
export function scopeChecks(scene: Scene): readonly Check[] {
  const about = { after: [gate] as const, deadline: 120_000 };
  return [
    { ...about, id: "aws.inventory", observe: (signal) => checkInventory(scene, signal) },
    { ...about, id: "aws.filter", observe: (signal) => checkFilter(scene, signal) },
  ];
}

/** A set of ids that belongs to the run. */
type Found = readonly string[];

/** What an inventory by the run's tag came to. */
type Inventory = { readonly byTag: Found; readonly byKind: Found };

async function checkInventory(scene: Scene, signal: AbortSignal): Promise<Outcome> {
  const run = runOf(scene);
  const { byTag, byKind } = await settled(async () => {
    const [byTag, byKind] = await Promise.all([
      findTagged(scene, run, signal),
      findByKind(scene, run, signal),
    ]);
    return { byTag, byKind };
  }, signal);
  const declared = await declaredIds(scene, signal);
  const all = new Set([...byTag, ...byKind]);
  const missing = [...declared].filter(([, id]) => !byTag.includes(id)).map(([what]) => what);
  const strange = [...all].filter((id) => ![...declared.values()].includes(id)).length;
  const wrong: Sentence[] = [
    missing.length === 0 ? [] : say`${missing.length} declared things do not carry the run's tag`,
    strange === 0 ? [] : say`${strange} things carry the run's tag and are not declared`,
  ].flat();
  return wrong.length === 0
    ? pass(say`${byTag.length} things carry the run's tag, all of them declared`)
    : fail(list(wrong, "; "));
}

/** A filter that finds nothing where nothing is, everything where something is, and nothing of anybody else's. */
async function checkFilter(scene: Scene, signal: AbortSignal): Promise<Outcome> {
  const run = runOf(scene);
  const nobodys = `${run}-${Math.random().toString(36).slice(2, 10)}`;
  const [real, none, any] = await Promise.all([
    findTagged(scene, run, signal),
    findTagged(scene, nobodys, signal),
    findTagged(scene, undefined, signal),
  ]);
  if (none.length > 0) return fail(say`a run that does not exist is found with ${none.length} things`);
  if (real.length === 0) return fail(say`the run's tag finds nothing`);
  return real.every((id) => any.includes(id))
    ? pass(say`the run's tag finds ${real.length} things, and nobody's tag none`)
    : fail(say`the run's tag finds things that the tag alone does not`);
}

/** The run that the stack tells. Throws `Unreadable`. */
export function runOf({ run }: Scene): string {
  if (run === undefined) throw new Unreadable("no-expectation", "the stack tells no run");
  return run.id;
}

/** Asked until two answers in a row are the same: what was made or removed a moment ago comes and goes. */
async function settled(ask: () => Promise<Inventory>, signal: AbortSignal): Promise<Inventory> {
  let last: string | undefined;
  const attempt = async () => {
    const found = await ask();
    const text = JSON.stringify(found);
    const same = text === last;
    last = text;
    return same ? found : undefined;
  };
  return (await poll(attempt, { first: 100, most: 5_000 }, signal)).value;
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
