// What other people had in the lab before anybody came who could adopt it: a template of theirs, and a pool.
import { growDisk } from "./drives.ts";
import { createVm, makeTemplate } from "./provision.ts";
import type { Cluster } from "./state.ts";

/** On pve2, with a disk of 8 GiB that boots and a name and tags of its own. */
const golden = { node: "pve2", vmid: 8000, pool: "platform" } as const;

/** Where the platform team builds its image; nothing of it is left but the template. */
const image = {
  key: "pve2/local:import/golden-build.qcow2",
  volid: "local:import/golden-build.qcow2",
} as const;

/** Puts it there. */
export function settle(cluster: Cluster): void {
  cluster.pools.set(golden.pool, { comment: "kept by the platform team", vms: new Set() });
  const built = { agent: true, forwarding: true };
  cluster.volumes.set(image.key, {
    ...{ volid: image.volid, content: "import", format: "qcow2", size: 700_000_000, ctime: 1_790_000_000 },
    ...{ virtualSize: 4 * 1024 ** 3, image: built },
  });
  createVm(cluster, golden, {
    ...{ name: "golden-noble", description: "built every Monday", tags: "golden;platform" },
    ...{ agent: "1", cores: "2", memory: "2048", ostype: "l26", scsihw: "virtio-scsi-single" },
    ...{ cpu: "host", boot: "order=scsi0", serial0: "socket", net0: "virtio,bridge=vmbr0" },
    scsi0: `local-lvm:0,import-from=${image.volid}`,
  });
  const vm = cluster.vms.get(golden.vmid);
  if (vm === undefined) throw new TypeError("unreachable: it has just been made");
  growDisk(cluster, vm, { disk: "scsi0", bytes: 8 * 1024 ** 3 });
  makeTemplate(cluster, vm);
  cluster.volumes.delete(image.key);
}
