// Routes about storages, the volumes in them, and files from the web.
import { z } from "zod";
import { nodeOf } from "../cluster.ts";
import { download, refuseOverwriting, urlMetadata } from "../download.ts";
import { demand, may } from "../needs.ts";
import { flag, route, whole } from "../route.ts";
import { freeVolume, listStorages, listVolumes, readVolume, storageStatus, volumeOf } from "../storage.ts";
import { runTask } from "../tasks.ts";

const node = z.strictObject({ node: z.string() });
const storage = node.extend({ storage: z.string() });
const volume = storage.extend({ volume: z.string() });

const see = { on: "/storage/{storage}", any: ["Datastore.Audit", "Datastore.AllocateSpace"] } as const;
/** Who may have a node fetch something from the web: that tells what its network can reach. */
const fetching = {
  either: [
    { on: "/", all: ["Sys.Audit", "Sys.Modify"] },
    { on: "/nodes/{node}", all: ["Sys.AccessNetwork"] },
  ],
} as const;

export const storageRoutes = [
  route("GET /nodes/{node}/storage", {
    model: node.extend({
      enabled: flag.optional(),
      content: z.string().optional(),
      storage: z.string().optional(),
    }),
    run: ({ node, content, storage, enabled }, caller) =>
      listStorages(caller.cluster, node)
        .filter((row) => enabled !== true || row.enabled === 1)
        .filter((row) => may(caller, { ...see, on: `/storage/${row.storage}` }))
        .filter((row) => storage === undefined || row.storage === storage)
        .filter((row) => content === undefined || String(row.content).split(",").includes(content)),
  }),
  route("GET /nodes/{node}/storage/{storage}/status", {
    model: storage,
    needs: see,
    run: (place, { cluster }) => storageStatus(cluster, place),
  }),
  route("GET /nodes/{node}/storage/{storage}/content", {
    model: storage.extend({ content: z.string().optional(), vmid: whole.optional() }),
    needs: see,
    run: (place, caller) => listVolumes(caller, place),
  }),
  route("GET /nodes/{node}/storage/{storage}/content/{volume*}", {
    model: volume,
    run: (wanted, caller) => readVolume(caller, { node: wanted.node, volid: volidOf(wanted) }),
  }),
  route("DELETE /nodes/{node}/storage/{storage}/content/{volume*}", {
    model: volume,
    run: (wanted, { cluster, token }) => {
      demand({ cluster, token }, { on: `/storage/${wanted.storage}`, all: ["Datastore.Allocate"] });
      const { volid } = volumeOf(cluster, wanted.node, volidOf(wanted));
      const id = volid.replaceAll(":", "\\x3a").replaceAll("/", "\\x2f");
      const name = { node: wanted.node, type: "imgdel", id, user: token.id };
      return runTask(cluster, name, () => freeVolume(cluster, wanted.node, volid));
    },
  }),
  route("GET /nodes/{node}/query-url-metadata", {
    model: node.extend({ url: z.url(), "verify-certificates": flag.optional() }),
    needs: fetching,
    run: ({ node, url }, { cluster }) => {
      nodeOf(cluster, node);
      return urlMetadata(cluster, url);
    },
  }),
  route("POST /nodes/{node}/storage/{storage}/download-url", {
    model: storage.extend({
      content: z.enum(["import", "iso"]),
      filename: z.string().regex(/^[A-Za-z0-9._-]+$/),
      url: z.url(),
      checksum: z.string().optional(),
      "checksum-algorithm": z.literal("sha256").optional(),
      "verify-certificates": flag.optional(),
    }),
    needs: { every: [{ on: "/storage/{storage}", all: ["Datastore.AllocateTemplate"] }, fetching] },
    run: ({ node, storage, content, filename, url, checksum: sha256 }, { cluster, token }) => {
      const volid = `${storage}:${content}/${filename}`;
      refuseOverwriting(cluster, node, volid);
      const name = { node, type: "download", id: filename, user: token.id };
      return runTask(cluster, name, () => download(cluster, node, { url, volid, content, sha256 }));
    },
  }),
];

/** A volume is named with or without its storage. */
function volidOf({ storage, volume }: { readonly storage: string; readonly volume: string }): string {
  return volume.startsWith(`${storage}:`) ? volume : `${storage}:${volume}`;
}
