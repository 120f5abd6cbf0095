// Where the VMs are and which there are: placement on the nodes, and the exact set that carries the run's tag.
import type { z } from "zod";
import type { Check } from "../../../check/check.ts";
import { fail, list, type Outcome, pass, say } from "../../../check/outcome.ts";
import { poll } from "../../../check/poll.ts";
import { Unreadable } from "../../../check/unreadable.ts";
import type { Run } from "../../../environment/run.ts";
import type { Api } from "../api.ts";
import type { PveConfig } from "../config.ts";
import { clusterStatus, resources } from "../models.ts";
import { gate } from "./gates.ts";

/** pve.placement and pve.inventory. */
export function scopeChecks(config: PveConfig, api: Api, run: Run | undefined): readonly Check[] {
  const about = { after: [gate] as const, deadline: 60_000 };
  return [
    {
      ...about,
      id: "pve.placement",
      observe: async (signal) => judgePlacement(config, await completeList(api, signal)),
    },
    {
      ...about,
      id: "pve.inventory",
      observe: async (signal) => {
        const vms = await completeList(api, signal);
        if (run === undefined) throw new Unreadable("no-expectation", "the stack tells no run");
        return judgeInventory(config, vms, run);
      },
    },
  ];
}

type Vms = z.infer<typeof resources>;

/**
 * All VMs, from a cluster that has all its nodes and a majority, read twice with the same result: only then is what is
 * missing from the list believed to be missing.
 */
export async function completeList(api: Api, signal: AbortSignal): Promise<Vms> {
  const status = await api.get("/cluster/status", clusterStatus, signal);
  if (status.some((row) => (row.type === "node" ? !row.online : !row.quorate)))
    throw new Unreadable("unreachable", "a node is offline or there is no quorum, so no list is complete");
  let last: string | undefined;
  const attempt = async () => {
    const vms = await api.get("/cluster/resources?type=vm", resources, signal);
    const told = JSON.stringify(vms);
    const settled = told === last;
    last = told;
    return settled ? vms : undefined;
  };
  return (await poll(attempt, { first: 100, most: 2_000 }, signal)).value;
}

function judgePlacement(config: PveConfig, vms: Vms): Outcome {
  const nodeOf = (vmId: number) => vms.find(({ vmid }) => vmid === vmId)?.node;
  const missing = config.guests.filter(({ vmId }) => nodeOf(vmId) === undefined);
  const moved = config.guests.filter(({ node, vmId }) => (nodeOf(vmId) ?? node) !== node);
  const crowded = config.distinct.filter((wanted) => {
    const nodes = config.guests.flatMap(({ role, vmId }) => (role === wanted ? [nodeOf(vmId)] : []));
    const known = nodes.filter((node) => node !== undefined);
    return new Set(known).size < known.length;
  });
  const wrong = [
    missing.map(({ name }) => say`${name} does not exist`),
    moved.map(({ name, node }) => say`${name} is not on ${node}`),
    crowded.map((role) => say`guests with the role ${role} share a node`),
  ].flat();
  return wrong.length === 0
    ? pass(say`${config.guests.length} guests are on their nodes`)
    : fail(say`${list(wrong)}`);
}

/** What is adopted is others': it does not carry the run's tag, and is kept when everything that does is gone. */
function judgeInventory({ guests, template }: PveConfig, vms: Vms, run: Run): Outcome {
  const tagged = vms.filter(({ tags }) => tags?.split(";").includes(run.id));
  const ours = template.adopt === undefined ? [{ name: say`the template`, vmId: template.vmId }] : [];
  const declared = [...ours, ...guests];
  const missing = declared.filter(({ vmId }) => !tagged.some(({ vmid }) => vmid === vmId));
  const strange = tagged.filter(({ vmid }) => !declared.some(({ vmId }) => vmId === vmid)).length;
  if (missing.length === 0 && strange === 0)
    return ours.length > 0
      ? pass(say`${tagged.length} VMs carry the run's tag, all of them declared`)
      : pass(say`${tagged.length} VMs carry the run's tag, all of them declared; 1 adopted one is kept`);
  return fail(
    list([
      ...missing.map(({ name }) => say`${name} does not carry the run's tag`),
      ...(strange === 0 ? [] : [say`${strange} VMs carry the run's tag and are not declared`]),
    ]),
  );
}
