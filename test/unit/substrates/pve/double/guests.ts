// Guests for tests: a template on pve1 and VMs cloned from it, made through the API as the provider does.
import { expect } from "vitest";
import type { FarEnd, Form } from "./farend.ts";

const url = "https://images.example.test/noble-server-cloudimg-amd64.img";

/** A bridge on pve1 like pve2's, an image, and the template 9000. */
export async function makeTemplate(far: FarEnd): Promise<void> {
  const bridge = {
    iface: "vmbr1",
    type: "bridge",
    bridge_ports: "eno2",
    bridge_vlan_aware: "1",
    autostart: "1",
  };
  await done(far, "POST", "/nodes/pve1/network", bridge);
  await done(far, "PUT", "/nodes/pve1/network");
  await done(far, "POST", "/nodes/pve1/storage/local/download-url", {
    url,
    content: "import",
    filename: "noble.qcow2",
  });
  await done(far, "POST", "/nodes/pve1/qemu", {
    vmid: "9000",
    name: "template",
    memory: "1024",
    boot: "order=scsi0",
    scsi0: "file=local-lvm:0,import-from=local:import/noble.qcow2",
  });
  await done(far, "POST", "/nodes/pve1/qemu/9000/template");
}

/** A clone of the template on pve1 or pve2, switched on and up. `nics`: VLAN tag and address of each. */
export async function makeGuest(far: FarEnd, { vmid, name, node, nics }: Guest): Promise<void> {
  await done(far, "POST", "/nodes/pve1/qemu/9000/clone", { newid: String(vmid), full: "1", name });
  const to = { target: node, "with-local-disks": "1" };
  if (node !== "pve1") await done(far, "POST", `/nodes/pve1/qemu/${vmid}/migrate`, to);
  const devices = nics.map(({ vlan, firewall = 0 }, at) => [
    `net${at}`,
    `model=virtio,bridge=vmbr1,firewall=${firewall},tag=${vlan}`,
  ]);
  const addresses = nics.map(({ address }, at) => [`ipconfig${at}`, `ip=${address}`]);
  await done(far, "PUT", `/nodes/${node}/qemu/${vmid}/config`, {
    ...Object.fromEntries([...devices, ...addresses]),
    ...{ agent: "enabled=1", citype: "nocloud", ciuser: "lab", ide2: "file=local-lvm:cloudinit," },
    ...{ sshkeys: "ssh-ed25519%20AAAA%20a" },
  });
  await done(far, "POST", `/nodes/${node}/qemu/${vmid}/status/start`);
  far.pass(1000);
}

type Guest = {
  readonly vmid: number;
  readonly name: string;
  readonly node: "pve1" | "pve2";
  readonly nics: readonly { readonly vlan: number; readonly address: string; readonly firewall?: 0 | 1 }[];
};

/** A change that has to work. */
export async function done(far: FarEnd, method: string, path: string, form?: Form): Promise<void> {
  expect(await far.change(method, path, form), `${method} ${path}`).toBe("OK");
}
