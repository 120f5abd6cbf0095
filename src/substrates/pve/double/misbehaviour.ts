// How the API goes wrong on the wire while a fault is in force: late, with an error, with rubbish, cut short, or never.
import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { ApiResponse } from "./handler.ts";
import type { Cluster } from "./state.ts";

/** Longer than any check waits for one answer, in ms. */
const late = 15 * 60_000;

/** What a reverse proxy shows when it has lost its way: no JSON, and text that must not reach anybody's terminal. */
const rubbish = "<html>\u001b[31m\u001b]0;pwned\u0007<body>Welcome to 192.0.2.11</body>\u0000\u0007</html>";

/**
 * Waits as long as the fault in force wants. Faults: `pve/slow` (minutes for every answer), `pve/<VM>/agenthung`
 * (whatever is asked of that VM's agent).
 * @param closed aborted when nobody waits for the answer any more
 */
export async function dawdle(cluster: Cluster, path: string, closed: AbortSignal): Promise<void> {
  const [, vmid = "", place] = /\/qemu\/(\d+)\/(agent)\//.exec(path) ?? [];
  const label = cluster.vms.get(Number(vmid))?.config.get("name");
  const hung = place === "agent" && cluster.world.isBroken(`pve/${label}/agenthung`);
  if (hung || cluster.world.isBroken("pve/slow")) await delay(late, undefined, { signal: closed });
}

/**
 * Refuses what the fault in force keeps from being answered; none: it is answered. Faults: `pve/failing` (every
 * request), `pve/<VM>/unreadable` (that VM's configuration).
 */
export function refusalOf(cluster: Cluster, path: string): ApiResponse | undefined {
  const { world } = cluster;
  const [, vmid = ""] = /\/qemu\/(\d+)\/config(\?|$)/.exec(path) ?? [];
  const label = cluster.vms.get(Number(vmid))?.config.get("name");
  if (world.isBroken("pve/failing")) return failed("internal error: no such host 192.0.2.11");
  return world.isBroken(`pve/${label}/unreadable`) ? failed("got timeout") : undefined;
}

/** Sends rubbish or half of the answer where a fault wants that, and says whether it did. Faults: `pve/garbage`, `pve/truncated`. */
export function spoil({ world }: Cluster, response: ServerResponse, body: string): boolean {
  if (world.isBroken("pve/garbage")) {
    response.writeHead(200, { "Content-Type": "text/html" }).end(rubbish);
    return true;
  }
  if (!world.isBroken("pve/truncated")) return false;
  response.writeHead(200, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) });
  response.write(body.slice(0, body.length / 2), () => response.destroy());
  return true;
}

function failed(reason: string): ApiResponse {
  return { status: 500, reason, body: { data: null, message: `${reason}\n` } };
}
