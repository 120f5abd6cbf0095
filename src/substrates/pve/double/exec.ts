// Commands that a guest agent runs: started by one request, looked after by others, forgotten once told.

import type { Output } from "../../../world/commands/output.ts";
import { executeAsRoot } from "../../../world/commands.ts";
import type { Machine } from "../../../world/machine.ts";
import { guestOf, refuseBlocked } from "./agent.ts";
import { broken } from "./refusal.ts";
import type { Cluster, Vm } from "./state.ts";

/** By machine, so that processes end with it. */
const running = new WeakMap<Machine, Map<number, Output>>();

/** QGA keeps this much of each stream (qga/commands.c, GUEST_EXEC_MAX_OUTPUT). */
const most = 16 * 1024 * 1024;

/** POST …/agent/exec: an argument list, run as root without a shell. */
export function exec(cluster: Cluster, vm: Vm, argv: readonly string[]): { pid: number } {
  const machine = guestOf(cluster, vm);
  refuseBlocked(machine, "guest-exec");
  const output = executeAsRoot(cluster.world, machine, argv);
  if (output.exit === 127)
    throw broken(
      `Agent error: Guest agent command failed, error was 'Failed to execute child process “${argv[0]}” (No such file or directory)'`,
    );
  const processes = running.get(machine) ?? new Map<number, Output>();
  const pid = 1 + Math.max(999, ...processes.keys());
  running.set(machine, processes.set(pid, output));
  return { pid };
}

/**
 * GET …/agent/exec-status. PVE has decoded the agent's base64 already (qemu-server, Agent.pm: qemu_exec_status), and the
 * agent forgets a finished process once it was told of. Fault: `pve/<label>/exec`, commands that never end.
 */
export function execStatus(cluster: Cluster, vm: Vm, pid: number): Record<string, unknown> {
  const machine = guestOf(cluster, vm);
  refuseBlocked(machine, "guest-exec-status");
  const output = running.get(machine)?.get(pid);
  if (output === undefined)
    throw broken(`Agent error: Guest agent command failed, error was 'PID ${pid} does not exist'`);
  if (cluster.world.isBroken(`pve/${machine.label}/exec`)) return { exited: 0 };
  running.get(machine)?.delete(pid);
  const { exit, stdout, stderr } = output;
  return { exited: 1, exitcode: exit, ...stream("out", stdout), ...stream("err", stderr) };
}

function stream(name: "out" | "err", text: string): Record<string, unknown> {
  if (text === "") return {};
  const cut = text.length > most;
  return { [`${name}-data`]: text.slice(0, most), ...(cut && { [`${name}-truncated`]: 1 }) };
}
