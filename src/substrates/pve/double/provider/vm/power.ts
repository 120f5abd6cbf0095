// Switching a VM on and off, and waiting until PVE says so.
import { z } from "zod";
import { poll, type Rest } from "../rest.ts";
import { getConfig, optionsOf, type Place, pathOf } from "./config.ts";
import type { Vm } from "./model.ts";

const status = z.object({ status: z.string().default(""), lock: z.string().optional() });

/** Whether it runs now. */
export async function isRunning(rest: Rest, at: Place, signal: AbortSignal): Promise<boolean> {
  return (await rest.get(`${pathOf(at)}/status/current`, status, { signal })).status === "running";
}

/** Waits until nothing holds the VM's configuration, however long the API can not even say. */
export async function unlocked(rest: Rest, at: Place, signal: AbortSignal): Promise<void> {
  const ask = () =>
    rest.get(`${pathOf(at)}/status/current`, status, { signal }).catch(() => ({ lock: "unreadable" }));
  await poll(ask, ({ lock }) => lock === undefined || lock === "", signal);
}

/** Starts it unless it runs. */
export async function ensureRunning(rest: Rest, at: Place, vm: Vm, signal: AbortSignal): Promise<void> {
  if (await isRunning(rest, at, signal)) return;
  const deadline = vm.timeoutStartVm * 1_000;
  await rest.run("POST", `${pathOf(at)}/status/start`, {
    fields: { timeout: vm.timeoutStartVm },
    deadline,
    signal,
  });
  await until(rest, at, { running: true, deadline, signal });
}

/** Stops it unless it is stopped: by a shutdown where the agent is on, else at once. Says whether it did. */
export async function ensureStopped(rest: Rest, at: Place, vm: Vm, signal: AbortSignal): Promise<boolean> {
  if (!(await isRunning(rest, at, signal))) return false;
  const { agent } = await getConfig(rest, at, signal);
  if (optionsOf(agent ?? "", "enabled").enabled === "1") await shutdown(rest, at, vm, signal);
  else await stop(rest, at, vm, signal);
  return true;
}

/** Pulls the plug. */
export async function stop(rest: Rest, at: Place, vm: Vm, signal: AbortSignal): Promise<void> {
  const deadline = vm.timeoutStopVm * 1_000;
  await rest.run("POST", `${pathOf(at)}/status/stop`, { deadline, signal });
  await until(rest, at, { running: false, deadline, signal });
}

async function shutdown(rest: Rest, at: Place, vm: Vm, signal: AbortSignal): Promise<void> {
  const deadline = vm.timeoutShutdownVm * 1_000;
  const fields = { forceStop: 1, timeout: vm.timeoutShutdownVm };
  await rest.run("POST", `${pathOf(at)}/status/shutdown`, { fields, deadline, signal });
  await until(rest, at, { running: false, deadline, signal });
}

async function until(
  rest: Rest,
  at: Place,
  { running, deadline, signal }: { running: boolean; deadline: number; signal: AbortSignal },
): Promise<void> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(deadline)]);
  await poll(
    () => isRunning(rest, at, limited),
    (now) => now === running,
    limited,
  );
}
