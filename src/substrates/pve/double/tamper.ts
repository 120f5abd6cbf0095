// What somebody with a root shell can do to a node without telling PVE, by name.
import { relower } from "./relower.ts";
import type { Cluster } from "./state.ts";

/**
 * `bridge-unfiltered`: `ip link set vmbr1 type bridge vlan_filtering 0`, which no file keeps. Gives back the way to undo
 * it. Throws for other words and unknown nodes.
 */
export function tamper(cluster: Cluster, name: string, what: string): () => void {
  const node = cluster.nodes.get(name);
  if (node === undefined || what !== "bridge-unfiltered")
    throw new TypeError(`nobody can do ${what} to ${name}`);
  node.kernel.set("vmbr1", { vlanAware: 0 });
  relower(cluster);
  return () => {
    node.kernel.delete("vmbr1");
    relower(cluster);
  };
}
