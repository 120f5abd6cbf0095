// What only a person may put right, because others use it too, with the command that would do it.

import type { Name } from "../../../environment/name.ts";
import { ByHand } from "../../substrate.ts";
import type { Api } from "../api.ts";
import type { PveConfig } from "../config.ts";
import { firewallSwitches, storages } from "../models.ts";

/** None where the datacenter's firewall is on. Throws ByHand where it is off. */
export async function adviseFirewall(api: Api, signal: AbortSignal): Promise<undefined> {
  const { enable = 0 } = await api.get("/cluster/firewall/options", firewallSwitches, signal);
  if (enable > 0) return;
  throw new ByHand(
    "the whole cluster's firewall is off, which is not for a repair of ours to switch: look whether other VMs are " +
      "ready for it, then on any node: pvesh set /cluster/firewall/options --enable 1",
  );
}

/** Throws ByHand for a datastore that is off or may not hold what is needed; none where only room is missing. */
export async function adviseStorage(
  { datastore, image }: PveConfig,
  node: Name,
  { api, signal }: { readonly api: Api; readonly signal: AbortSignal },
): Promise<undefined> {
  const rows = await api.get(`/nodes/${node}/storage`, storages, signal);
  const needs = {
    [datastore]: "images",
    ...(image !== undefined && node === image.node && { [image.datastore]: "import" }),
  };
  for (const [name, content] of Object.entries(needs)) {
    const row = rows.find(({ storage }) => storage === name);
    if (row?.enabled === false) throw new ByHand(`on any node: pvesm set ${name} --disable 0`);
    if (row !== undefined && !row.content.split(",").includes(content))
      throw new ByHand(
        `let ${name} hold ${content}, on any node: pvesm set ${name} --content <what it holds>,${content}`,
      );
  }
}

/** Always throws ByHand: what was there before us is others' work. */
export async function adviseTemplate({ node, disk }: PveConfig["template"]): Promise<undefined> {
  throw new ByHand(
    "it is adopted, so whoever keeps it has to put it right, or another one has to be named in pve:template: a template " +
      `with a single disk of ${disk} GiB at scsi0 and SeaBIOS. On ${node}: qm config <its vmId, as in the stack config>`,
  );
}

/** Always throws ByHand: what carries our tag and is not ours is somebody's. */
export async function adviseInventory(): Promise<undefined> {
  throw new ByHand(
    "VMs that nobody declared carry the run's tag. Whose are they? On any node, " +
      "`pvesh get /cluster/resources --type vm` shows them; take the tag away (`qm set <id> --tags …`) or remove them",
  );
}
