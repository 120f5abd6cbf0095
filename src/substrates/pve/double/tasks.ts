// Tasks: work that PVE does in the background; the state changes at once, the task ends a moment later.
import { nodeOf } from "./cluster.ts";
import { Refusal } from "./refusal.ts";
import type { Cluster, Task } from "./state.ts";

/** Between a task's start and its end, by the world's clock, in ms. */
export const taskTime = 50;

/** What a task is called. */
export type TaskName = Pick<Task, "node" | "type" | "id" | "user">;

/** Runs work as a task and gives its UPID. What the work refuses becomes the exit status. */
export function runTask(
  cluster: Cluster,
  name: TaskName,
  work: (log: (line: string) => void) => void,
): string {
  nodeOf(cluster, name.node);
  const startedAt = cluster.world.now();
  const count = cluster.tasks.size + 1;
  const [pid, pstart] = [4096 + count, 1_000_000 + count];
  const log: string[] = [];
  const exitstatus = outcomeOf(() => work((line) => log.push(line)));
  log.push(exitstatus === "OK" ? "TASK OK" : `TASK ERROR: ${exitstatus}`);
  const upid = `UPID:${[name.node, ...[pid, pstart, seconds(startedAt)].map(hex), name.type, name.id, name.user].join(":")}:`;
  cluster.tasks.set(upid, {
    ...name,
    upid,
    pid,
    pstart,
    startedAt,
    endsAt: startedAt + taskTime,
    exitstatus,
    log,
  });
  return upid;
}

/** GET …/tasks/{upid}/status */
export function taskStatus(cluster: Cluster, upid: string): Record<string, string | number> {
  const task = taskOf(cluster, upid);
  const [user = task.user, tokenid] = task.user.split("!");
  const { node, type, id, pid, pstart } = task;
  const starttime = seconds(task.startedAt);
  const common = { node, type, id, upid, user, pid, pstart, starttime, ...(tokenid && { tokenid }) };
  return cluster.world.now() < task.endsAt
    ? { ...common, status: "running" }
    : { ...common, status: "stopped", exitstatus: task.exitstatus };
}

/** GET …/tasks/{upid}/log */
export function taskLog(cluster: Cluster, upid: string): { n: number; t: string }[] {
  return taskOf(cluster, upid).log.map((t, index) => ({ n: index + 1, t }));
}

function taskOf(cluster: Cluster, upid: string): Task {
  const task = cluster.tasks.get(upid);
  if (task === undefined) throw new Refusal(500, `unable to read task log ${upid} - no such task`);
  return task;
}

function outcomeOf(work: () => void): string {
  try {
    work();
    return "OK";
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}

/** Wall-clock seconds, as PVE writes times. */
export function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}

function hex(value: number): string {
  return value.toString(16).toUpperCase().padStart(8, "0");
}
