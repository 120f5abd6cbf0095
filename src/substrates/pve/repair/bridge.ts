// A bridge set as declared, for what the engine does not see of one: ports and comment that are gone.
import { z } from "zod";
import { list, say } from "../../../check/outcome.ts";
import type { Name } from "../../../environment/name.ts";
import type { Mended } from "../../substrate.ts";
import type { Api } from "../api.ts";
import { carryOut } from "../task.ts";
import type { Bridge } from "../topology.ts";
import { sameWords } from "../words.ts";

const interfaces = z.array(z.object({ iface: z.string() }).catchall(z.unknown()));

/** Forgets what is staged on a node; where nothing is, nothing happens. */
export async function revertStaged(api: Api, node: Name, signal: AbortSignal): Promise<void> {
  await carryOut(api, `DELETE /nodes/${node}/network`, signal);
}

type Mending = {
  readonly api: Api;
  readonly signal: AbortSignal;
  /** Whether the kernel differs from the configuration, so that applying that is a repair of its own. */
  readonly reload: boolean;
};

/** Sets and applies the declared settings; none where they are all there and in force already. */
export async function mendBridge(
  bridge: Bridge,
  { api, signal, reload }: Mending,
): Promise<Mended | undefined> {
  const path = `/nodes/${bridge.node}/network`;
  const found = await readBridge(bridge, api, signal);
  // What we apply must be ours alone.
  await revertStaged(api, bridge.node, signal);
  const inForce = await readBridge(bridge, api, signal);
  const differing = settingsOf(bridge).filter(({ key, value }) => !sameWords(inForce[key], value));
  const fields = Object.fromEntries(settingsOf(bridge).map(({ key, value }) => [key, value]));
  if (differing.length > 0)
    await carryOut(api, `PUT ${path}/${bridge.iface}`, signal, { type: "bridge", ...fields });
  if (differing.length > 0 || reload) await carryOut(api, `PUT ${path}`, signal);
  if (differing.length > 0)
    return { action: say`set ${list(differing.map(({ property }) => property))}`, renewed: [] };
  if (reload) return { action: say`applied the node's network configuration again`, renewed: [] };
  const wasStaged = settingsOf(bridge).some(({ key, value }) => !sameWords(found[key], value));
  return wasStaged ? { action: say`reverted the staged network changes`, renewed: [] } : undefined;
}

/** PVE's keys, and what the program calls them. */
function settingsOf(bridge: Bridge) {
  return [
    { property: "ports", key: "bridge_ports", value: bridge.ports.join(" ") },
    { property: "vlanAware", key: "bridge_vlan_aware", value: 1 },
    { property: "vids", key: "bridge_vids", value: bridge.vids },
    { property: "mtu", key: "mtu", value: bridge.mtu },
    { property: "autostart", key: "autostart", value: 1 },
    { property: "comment", key: "comments", value: bridge.comment },
  ] as const;
}

async function readBridge(
  { node, iface }: Bridge,
  api: Api,
  signal: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  const found = await api.get(`/nodes/${node}/network`, interfaces, signal);
  return found.find((row) => row.iface === iface) ?? {};
}
