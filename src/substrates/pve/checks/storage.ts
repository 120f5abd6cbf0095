// Datastores: are they there, may they hold what is put into them, is there room, and is the base image in its place.
import type { z } from "zod";
import type { Check } from "../../../check/check.ts";
import { fail, list, type Outcome, pass, say } from "../../../check/outcome.ts";
import type { Name } from "../../../environment/name.ts";
import type { Seen } from "../../seen.ts";
import { type Api, PveError } from "../api.ts";
import type { PveConfig } from "../config.ts";
import { files, resources, storages } from "../models.ts";
import { lookTwice } from "./absence.ts";
import { gate } from "./gates.ts";

/** pve.storage for each node, and pve.baseimage where there is to be one. */
export function storageChecks(config: PveConfig, api: Api, seen: Seen): readonly Check[] {
  return [
    ...config.nodes.map(
      (node): Check => ({
        id: "pve.storage",
        target: node,
        after: [gate],
        deadline: 30_000,
        observe: (signal) => checkStorage(config, node, { api, signal }),
      }),
    ),
    ...(config.image === undefined ? [] : [imageCheck(config.image, api, seen)]),
  ];
}

type Image = NonNullable<PveConfig["image"]>;

function imageCheck(image: Image, api: Api, seen: Seen): Check {
  return {
    id: "pve.baseimage",
    after: [gate],
    deadline: 30_000,
    observe: async (signal) => {
      const found = await lookTwice(async () => imageIn(image, await filesOf(image, { api, signal })));
      if (found === undefined) return fail(say`the base image does not exist`);
      seen.note("image", found);
      return judgeImage(image, found);
    },
  };
}

type Asking = { readonly api: Api; readonly signal: AbortSignal };
type Files = z.infer<typeof files>;

const gib = 1024 ** 3;

async function checkStorage(config: PveConfig, node: Name, { api, signal }: Asking): Promise<Outcome> {
  const [rows, vms, images] = await Promise.all([
    rowsOf(config, node, { api, signal }),
    api.get("/cluster/resources?type=vm", resources, signal),
    config.image?.node === node ? imagesIn(config.image, { api, signal }) : [],
  ]);
  const existing = new Set(vms.map(({ vmid }) => vmid));
  const wrong = needsOf(config, node, { existing, images }).flatMap((need) =>
    complaints(
      need,
      rows.find(({ storage }) => storage === need.datastore),
    ),
  );
  return wrong.length === 0
    ? pass(say`the datastores of ${node} are active, of the right kind, and have room`)
    : fail(say`${node}: ${list(wrong)}`);
}

/** Read again where one that is needed is missing. */
async function rowsOf(config: PveConfig, node: Name, { api, signal }: Asking) {
  const read = () => api.get(`/nodes/${node}/storage`, storages, signal);
  const rows = await read();
  const needed = [config.datastore, ...(config.image === undefined ? [] : [config.image.datastore])];
  return needed.every((name) => rows.some(({ storage }) => storage === name)) ? rows : read();
}

/** None where the datastore can not be listed: what is wrong with it is told in its own row. */
function imagesIn(image: Image, asking: Asking): Promise<Files> {
  return filesOf(image, asking).catch((error: unknown) => {
    if (error instanceof PveError && error.status === 500) return [];
    throw error;
  });
}

/** What one datastore must hold, and how much of it is not there yet. */
type Need = { readonly datastore: Name; readonly content: "images" | "import"; readonly bytes: number };

/** Clones begin on the template's node, whatever node they are for. A datastore that serves both is asked about once for each. */
function needsOf(
  config: PveConfig,
  node: Name,
  { existing, images }: { existing: ReadonlySet<number>; images: Files },
): readonly Need[] {
  const { image, template, datastore, headroom } = config;
  const vms = [
    { node: template.node, vmId: template.vmId },
    ...config.guests.flatMap(({ node: own, vmId }) => [
      { node: own, vmId },
      ...(own === template.node ? [] : [{ node: template.node, vmId }]),
    ]),
  ].filter((vm) => vm.node === node);
  const missing = vms.filter(({ vmId }) => !existing.has(vmId)).length;
  const toLoad = image === undefined || imageIn(image, images) !== undefined ? 0 : image.size;
  return [
    ...(vms.length === 0
      ? []
      : [{ datastore, content: "images", bytes: (missing * template.disk + headroom) * gib } as const]),
    ...(image?.node === node
      ? [{ datastore: image.datastore, content: "import", bytes: toLoad + headroom * gib } as const]
      : []),
  ];
}

function complaints({ datastore, content, bytes }: Need, row: z.infer<typeof storages>[number] | undefined) {
  if (row === undefined) return [say`${datastore} does not exist`];
  if (!row.enabled) return [say`${datastore} is disabled`];
  if (!row.active) return [say`${datastore} is not active`];
  return [
    row.content.split(",").includes(content) ? [] : [say`${datastore} may not hold ${content}`],
    row.avail !== undefined && row.avail >= bytes ? [] : [say`${datastore} has too little room`],
  ].flat();
}

/** The base image among the files of its datastore. */
export function imageIn(image: Image, found: Files): Files[number] | undefined {
  return found.find(({ volid }) => volid === `${image.datastore}:import/${image.file}`);
}

/** The files that are kept for importing on the base image's datastore. */
export function filesOf(image: Image, { api, signal }: Asking): Promise<Files> {
  const path = `/nodes/${image.node}/storage/${image.datastore}/content?content=import`;
  return api.get(path, files, signal);
}

/** PVE tells no checksum of a stored file; that takes a shell on the node. */
function judgeImage(image: Image, { size }: Files[number]): Outcome {
  return size === image.size
    ? pass(say`the base image is in its place and has its size (size only: the API tells no checksum)`)
    : fail(say`the base image has ${size} bytes, expected ${image.size}`);
}
