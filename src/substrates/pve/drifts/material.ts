// Prepared changes of what VMs are made from: datastores, image, template.
import type { PreparedDrift } from "../../double.ts";

const image = "/nodes/pve1/storage/local/content/local:import%2Fnoble-server-cloudimg-amd64.qcow2";

/** Each leaves the VMs that are there as they are. */
export const material: readonly PreparedDrift[] = [
  {
    name: "datastore-without-images",
    summary: "the datastore of the VMs may no longer hold VM disks",
    check: "pve.storage",
    byHand: "pvesm set local-lvm",
    change: { requests: [{ method: "PUT", path: "/storage/local-lvm", form: { content: "rootdir" } }] },
  },
  {
    name: "image-gone",
    summary: "the base image is deleted",
    check: "pve.baseimage",
    change: { requests: [{ method: "DELETE", path: image }] },
  },
  {
    name: "image-replaced",
    summary: "another image stands under the base image's name",
    check: "pve.baseimage",
    change: {
      requests: [
        { method: "DELETE", path: image },
        {
          method: "POST",
          path: "/nodes/pve1/storage/local/download-url",
          form: {
            content: "import",
            filename: "noble-server-cloudimg-amd64.qcow2",
            url: "https://images.example.test/noble-server-cloudimg-amd64-minimal.img",
          },
        },
      ],
    },
  },
  {
    name: "template-renamed",
    summary: "the template gets another name",
    check: "pve.template",
    change: {
      requests: [{ method: "PUT", path: "/nodes/pve1/qemu/9000/config", form: { name: "golden-image" } }],
    },
  },
];
