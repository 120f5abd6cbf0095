// Whether each guest's VM is what was declared: running, not held, nothing waiting, and no settings that nobody declared.
import type { z } from "zod";
import type { Check } from "../../../check/check.ts";
import { fail, list, type Outcome, pass, type Sentence, say } from "../../../check/outcome.ts";
import type { Api } from "../api.ts";
import type { PveConfig } from "../config.ts";
import { deviationOf } from "../deviation.ts";
import { type VmConfig, vmState, waiting } from "../models.ts";
import type { Guest } from "../topology.ts";
import { gate } from "./gates.ts";
import { configOf, pathOf } from "./machines.ts";
import { isWaiting } from "./waiting.ts";

/** pve.vm.state for each guest. */
export function stateChecks(config: PveConfig, api: Api): readonly Check[] {
  return config.guests.map((guest) => ({
    id: "pve.vm.state",
    target: guest.name,
    after: [gate],
    deadline: 15_000,
    observe: (signal) => checkState(api, guest, signal),
  }));
}

async function checkState(api: Api, guest: Guest, signal: AbortSignal): Promise<Outcome> {
  const found = await configOf(api, guest, signal);
  if (found === undefined) return fail(say`${guest.name} does not exist`);
  const [state, rows] = await Promise.all([
    api.get(`${pathOf(guest)}/status/current`, vmState, signal),
    api.get(`${pathOf(guest)}/pending`, waiting, signal),
  ]);
  return judge(guest, [...powerFaults(state), ...waitFaults(rows), ...settingFaults(guest, found)]);
}

function judge({ name }: Guest, wrong: readonly Sentence[]): Outcome {
  return wrong.length === 0
    ? pass(say`${name} is running as declared, unlocked and with nothing pending`)
    : fail(say`${name} ${list(wrong)}`);
}

function powerFaults({ status, qmpstatus, lock }: z.infer<typeof vmState>): Sentence[] {
  return [
    status === "running" ? [] : [say`is switched off`],
    status === "running" && qmpstatus !== "running" ? [say`is paused`] : [],
    lock === undefined ? [] : [say`is locked`],
  ].flat();
}

function waitFaults(rows: z.infer<typeof waiting>): Sentence[] {
  const count = rows.filter(isWaiting).length;
  return count === 0 ? [] : [say`has ${count} settings that wait for a restart`];
}

function settingFaults({ nics }: Guest, found: VmConfig): Sentence[] {
  const { missing, drives, settings, altered, bootsFromDisk } = deviationOf(found, nics.length);
  const changed = Object.keys(altered).length;
  return [
    missing === 0 ? [] : [say`lacks ${missing} of its drives`],
    drives.length === 0 ? [] : [say`has ${drives.length} drives that are not declared`],
    settings.length === 0 ? [] : [say`has ${settings.length} settings that are not declared`],
    changed === 0 ? [] : [say`has ${changed} settings that are not as declared`],
    bootsFromDisk ? [] : [say`does not boot from its disk`],
  ].flat();
}
