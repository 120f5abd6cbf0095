// The rights that a token needs: least ones for looking, and what repairing takes beyond them, by the kind of place.
import type { PveConfig } from "./config.ts";

/** A privilege of PVE 9. */
export type Privilege =
  | "Datastore.Allocate"
  | "Datastore.AllocateSpace"
  | "Datastore.AllocateTemplate"
  | "Datastore.Audit"
  | "Pool.Allocate"
  | "Pool.Audit"
  | "SDN.Audit"
  | "SDN.Use"
  | "Sys.AccessNetwork"
  | "Sys.Audit"
  | "Sys.Modify"
  | "VM.Allocate"
  | "VM.Audit"
  | "VM.Clone"
  | "VM.Config.CDROM"
  | "VM.Config.CPU"
  | "VM.Config.Cloudinit"
  | "VM.Config.Disk"
  | "VM.Config.HWType"
  | "VM.Config.Memory"
  | "VM.Config.Network"
  | "VM.Config.Options"
  | "VM.GuestAgent.Unrestricted"
  | "VM.Migrate"
  | "VM.PowerMgmt";

/** What is needed at one kind of place: to look, and to repair as well. */
export type Rights = {
  readonly place: string;
  readonly look: readonly Privilege[];
  readonly repair: readonly Privilege[];
};

const hardware = [
  "VM.Allocate",
  "VM.Config.CDROM",
  "VM.Config.CPU",
  "VM.Config.HWType",
  "VM.Config.Memory",
  "VM.Config.Network",
  "VM.Config.Options",
] as const;

/**
 * By place, in the words of the README's table; what each of them is for stands there. From the API's own description
 * (pve-docs, apidata.js) and, where that leaves it to the code, from qemu-server (API2/Qemu.pm), pve-storage
 * (Storage.pm, check_volume_access), pve-manager (Network.pm, Pool.pm) and pve-guest-common (GuestHelpers.pm):
 *
 * - Lists leave out silently what the principal may not see: without these rights nothing may be judged.
 * - VM.Config.Disk is there for looking although it is a right to write: PVE shows nobody else a VM's volumes, and the
 *   engine's refresh reads them.
 * - VM.GuestAgent.Unrestricted includes VM.GuestAgent.Audit and .FileRead, and SDN.Use includes the sight of SDN.Audit.
 */
export const rights = [
  { place: "the datacenter", look: ["Sys.Audit"], repair: [] },
  { place: "the nodes", look: ["Sys.Audit"], repair: [] },
  { place: "nodes with bridges", look: [], repair: ["Sys.Modify"] },
  { place: "all VMs", look: ["VM.Audit"], repair: [] },
  { place: "the template", look: ["VM.Config.Disk"], repair: ["VM.Clone"] },
  { place: "a template of our own", look: [], repair: hardware },
  {
    place: "the guests",
    look: ["VM.Config.Disk", "VM.GuestAgent.Unrestricted"],
    repair: [...hardware, "VM.Config.Cloudinit", "VM.PowerMgmt"],
  },
  { place: "guests on other nodes than the template", look: [], repair: ["VM.Migrate"] },
  { place: "the datastore of the VMs", look: ["Datastore.Audit"], repair: ["Datastore.AllocateSpace"] },
  {
    place: "the datastore of the image",
    look: ["Datastore.Audit"],
    repair: ["Datastore.Allocate", "Datastore.AllocateTemplate"],
  },
  { place: "the node of the image", look: [], repair: ["Sys.AccessNetwork"] },
  { place: "the bridges", look: ["SDN.Audit"], repair: ["SDN.Use"] },
  { place: "the template's bridge", look: [], repair: ["SDN.Use"] },
  { place: "the pool", look: ["Pool.Audit"], repair: ["Pool.Allocate"] },
] as const satisfies readonly Rights[];

/** A kind of place that rights are given on. */
export type Place = (typeof rights)[number]["place"];

/** The paths of each kind of place that a config has, as PVE's access list names them. */
export function pathsOf(config: PveConfig): Readonly<Record<Place, readonly string[]>> {
  const { nodes, bridges, guests, template, image, datastore, pool } = config;
  const zone = "/sdn/zones/localnetwork";
  const vms = (some: readonly { readonly vmId: number }[]) => some.map(({ vmId }) => `/vms/${vmId}`);
  const own = new Set(bridges.map(({ iface }) => iface));
  return {
    "the datacenter": ["/"],
    "the nodes": nodes.map((node) => `/nodes/${node}`),
    "nodes with bridges": [...new Set(bridges.map(({ node }) => `/nodes/${node}`))],
    "all VMs": ["/vms", ...vms([template, ...guests])],
    "the template": vms([template]),
    "a template of our own": template.adopt === undefined ? vms([template]) : [],
    "the guests": vms(guests),
    "guests on other nodes than the template": vms(guests.filter(({ node }) => node !== template.node)),
    "the datastore of the VMs": [`/storage/${datastore}`],
    "the datastore of the image": image === undefined ? [] : [`/storage/${image.datastore}`],
    "the node of the image": image === undefined ? [] : [`/nodes/${image.node}`],
    "the bridges": [...own].map((iface) => `${zone}/${iface}`),
    "the template's bridge":
      template.iface === undefined || own.has(template.iface) ? [] : [`${zone}/${template.iface}`],
    "the pool": pool === undefined ? [] : [`/pool/${pool.id}`],
  };
}
