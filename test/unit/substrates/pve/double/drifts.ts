// The recorded drifts, brought about again: by what an outsider would send, where a request can do it.
import { allocate } from "../../../../../src/substrates/pve/double/storage.ts";
import type { FarEnd } from "./farend.ts";

type Drift = (far: FarEnd) => Promise<void>;

const vm = "/nodes/pve1/qemu/100";
const bridge = { iface: "vmbr101", type: "bridge", autostart: "1", bridge_ports: "eno2" } as const;

/** By the recorded step that repairs it, in the recorded order. */
export const drifts: Readonly<Record<string, Drift>> = {
  "10-bridge-vlan-aware-off": network("PUT", "pve1", { ...bridge, delete: "bridge_vlan_aware,bridge_vids" }),
  "11-vm-agent-disabled": config({ agent: "enabled=0,fstrim_cloned_disks=0,type=virtio" }),
  "12-vm-agent-key-removed": config({ delete: "agent" }),
  "13-vm-tag-changed": config({ tags: "lab;run-other" }),
  "14-vm-tags-removed": config({ delete: "tags" }),
  "15-vm-description-changed": config({ description: "run=r0001; expires=2030-01-01T00:00:00Z" }),
  "16-vm-stopped": (far) => far.drift("POST", `${vm}/status/stop`),
  "17-vm-cloudinit-drive-removed": config({ delete: "ide2" }),
  "18-vm-cloudinit-ip-changed": restarted({ ipconfig0: "ip=10.77.0.99/24,gw=10.77.0.1" }),
  "19-vm-cloudinit-sshkeys-removed": config({ delete: "sshkeys" }),
  "20-vm-nic-vlan-changed": (far) => rewire(far, "tag=120", "tag=121"),
  "21-vm-nic-removed": config({ delete: "net1" }),
  "22-vm-memory-cores-changed": restarted({ memory: "1024", cores: "4" }),
  "24-vm-extra-nic": async (far) => {
    const [volid, size] = ["local-lvm:vm-100-disk-9", 1024 ** 3];
    allocate(far.cluster, "pve1", { volid, size, content: "images", vmid: 100 });
    await far.drift("PUT", `${vm}/config`, { scsi5: volid, net7: "virtio=BC:24:11:00:00:07,bridge=vmbr0" });
  },
  "26-fw-options-policy": (far) =>
    far.drift("PUT", `${vm}/firewall/options`, { enable: "0", policy_in: "ACCEPT" }),
  "27-fw-rule-added": (far) =>
    far.drift("POST", `${vm}/firewall/rules`, {
      ...{ type: "in", action: "ACCEPT", enable: "1", proto: "tcp", dport: "3389", comment: "backdoor" },
    }),
  "28-fw-rule-removed": (far) => far.drift("DELETE", `${vm}/firewall/rules/0`),
  "29-fw-rule-changed": (far) => far.drift("PUT", `${vm}/firewall/rules/0`, { source: "0.0.0.0/0" }),
  "30-fw-alias-ipset": async (far) => {
    await far.drift("PUT", "/cluster/firewall/aliases/lab_net", { cidr: "10.0.0.0/8", comment: "run=r0001" });
    await far.drift("DELETE", "/cluster/firewall/ipset/lab-hosts/10.77.1.12");
  },
  "31-vm-deleted": async (far) => {
    await far.drift("POST", `${vm}/status/stop`);
    await far.drift("DELETE", vm);
  },
  "32-bridge-deleted": async (far) => {
    await far.drift("DELETE", "/nodes/pve2/network/vmbr102");
    await far.drift("PUT", "/nodes/pve2/network");
  },
  "33-bridge-comment-mtu": network("PUT", "pve1", {
    ...bridge,
    ...{ bridge_ports: "", comments: "changed", mtu: "9000" },
  }),
  "37-image-deleted": (far) =>
    far.drift("DELETE", "/nodes/pve1/storage/local/content/local:import%2Fnoble-r0001.qcow2"),
  "43-vm-name-boot-onboot": async (far) => {
    await far.drift("PUT", `${vm}/firewall/options`, restoredByHand);
    await far.drift("PUT", `${vm}/config`, { name: "renamed", onboot: "1" });
  },
  "44-vm-nic-firewall-off": (far) => rewire(far, "firewall=1", "firewall=0"),
  "45-vm-cdrom-removed": config({ delete: "ide3" }),
  "40-template-cores-changed": (far) => far.drift("PUT", "/nodes/pve1/qemu/9000/config", { cores: "8" }),
  "48-alias-rules-deleted": async (far) => {
    await far.drift("DELETE", "/cluster/firewall/aliases/lab_net");
    for (const pos of [1, 0]) await far.drift("DELETE", `${vm}/firewall/rules/${pos}`);
  },
  "49-ipset-deleted": async (far) => {
    for (const address of ["10.77.0.11", "10.77.1.12"])
      await far.drift("DELETE", `/cluster/firewall/ipset/lab-hosts/${address}`);
    await far.drift("DELETE", "/cluster/firewall/ipset/lab-hosts");
  },
  "51-bridge-autostart-off": network("PUT", "pve1", { ...bridge, autostart: "0" }),
  "41-template-deleted": (far) => far.drift("DELETE", "/nodes/pve1/qemu/9000"),
};

/** Between two recorded steps the options that PVE had dropped with the VM were set back. */
const restoredByHand = {
  ...{ dhcp: "1", enable: "1", ipfilter: "0", macfilter: "1", ndp: "0", radv: "1" },
  ...{ log_level_in: "nolog", log_level_out: "nolog", policy_in: "DROP", policy_out: "ACCEPT" },
};

function config(form: Readonly<Record<string, string>>): Drift {
  return (far) => far.drift("PUT", `${vm}/config`, form);
}

/** What a running VM does not take, or its guest does not see. */
function restarted(form: Readonly<Record<string, string>>): Drift {
  return async (far) => {
    await far.drift("POST", `${vm}/status/stop`);
    await far.drift("PUT", `${vm}/config`, form);
    await far.drift("POST", `${vm}/status/start`);
  };
}

function network(
  method: string,
  node: string,
  form: { readonly iface: string } & Record<string, string>,
): Drift {
  return async (far) => {
    await far.drift(method, `/nodes/${node}/network/${form.iface}`, form);
    await far.drift("PUT", `/nodes/${node}/network`);
  };
}

function rewire(far: FarEnd, from: string, to: string): Promise<void> {
  const net0 = String(far.cluster.vms.get(100)?.config.get("net0"));
  return far.drift("PUT", `${vm}/config`, { net0: net0.replace(from, to) });
}
