// What was changed but is not in force: node networks that wait for a reload, config drives that wait to be written.
import type { z } from "zod";
import type { Check } from "../../../check/check.ts";
import { fail, type Outcome, pass, say } from "../../../check/outcome.ts";
import type { Api } from "../api.ts";
import type { PveConfig } from "../config.ts";
import { stagedNetwork, waiting } from "../models.ts";
import type { Guest } from "../topology.ts";
import { gate } from "./gates.ts";
import { configOf, pathOf } from "./machines.ts";

/** pve.bridges.pending for each node, and pve.ci.pending for each guest. */
export function waitingChecks(config: PveConfig, api: Api): readonly Check[] {
  return [
    ...config.nodes.map(
      (node): Check => ({
        id: "pve.bridges.pending",
        target: node,
        after: [gate],
        deadline: 30_000,
        observe: async (signal) => {
          const { changes = "" } = await api.whole(`/nodes/${node}/network`, stagedNetwork, signal);
          return changes.trim() === ""
            ? pass(say`${node} has no network change that waits to be applied`)
            : fail(say`${node} has network changes that are staged but not applied`);
        },
      }),
    ),
    ...config.guests.map(
      (guest): Check => ({
        id: "pve.ci.pending",
        target: guest.name,
        after: [gate],
        deadline: 15_000,
        observe: (signal) => checkSeed(api, guest, signal),
      }),
    ),
  ];
}

async function checkSeed(api: Api, guest: Guest, signal: AbortSignal): Promise<Outcome> {
  if ((await configOf(api, guest, signal)) === undefined) return fail(say`${guest.name} does not exist`);
  return judgeSeed(guest, await api.get(`${pathOf(guest)}/cloudinit`, waiting, signal));
}

/** PVE knows no row for what stands in snippets: their drives are proven from inside the guest. */
function judgeSeed({ name }: Guest, rows: z.infer<typeof waiting>): Outcome {
  const late = rows.filter(isWaiting).length;
  return late === 0
    ? pass(say`the config drive of ${name} was written from the settings of now`)
    : fail(say`${late} cloud-init settings of ${name} are not on its config drive`);
}

/** Whether a row tells of something that is not in force. */
export function isWaiting(row: z.infer<typeof waiting>[number]): boolean {
  return row.pending !== undefined || (row.delete ?? 0) !== 0;
}
