// Requests that change something on a cluster, carried out to the end of the task that they start.
import { z } from "zod";
import { poll } from "../../check/poll.ts";
import { Unreadable } from "../../check/unreadable.ts";
import type { Api } from "./api.ts";

const status = z.object({ status: z.string(), exitstatus: z.string().optional() });

/** Sends a request and waits for its task, if it starts one. Throws `Unreadable` where either fails. */
export async function carryOut(
  api: Api,
  request: Parameters<Api["change"]>[0],
  signal: AbortSignal,
  parameters?: Parameters<Api["change"]>[2],
): Promise<void> {
  const upid = await api.change(request, signal, parameters);
  if (typeof upid !== "string" || !upid.startsWith("UPID:")) return;
  const path = `/nodes/${upid.split(":")[1]}/tasks/${encodeURIComponent(upid)}/status`;
  const ended = async () => {
    const task = await api.get(path, status, signal);
    return task.status === "running" ? undefined : (task.exitstatus ?? "");
  };
  const { value } = await poll(ended, { first: 100, most: 2_000 }, signal);
  // A task that ended with warnings has done its work.
  if (!/^(OK|WARNINGS: \d+)$/.test(value)) throw new Unreadable("server-error", `${upid}: ${value}`);
}
