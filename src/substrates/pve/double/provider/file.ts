// `proxmoxve:download/file:File`: a file that PVE downloads into a datastore by itself.
import { z } from "zod";
import { compare, type Shape } from "../../../bridged/compare.ts";
import { checked, inputsOf } from "../../../bridged/inputs.ts";
import type { Properties, ResourceDouble } from "../../../double.ts";
import { PveError, type Rest, segment } from "./rest.ts";

const inputs = z.object({
  nodeName: z.string(),
  datastoreId: z.string(),
  contentType: z.enum(["iso", "vztmpl", "import"]),
  fileName: z.string().optional(),
  url: z.string().regex(/^https?:\/\//),
  checksum: z.string().optional(),
  checksumAlgorithm: z.string().optional(),
  decompressionAlgorithm: z.string().optional(),
  overwrite: z.boolean().optional(),
  overwriteUnmanaged: z.boolean().optional(),
  uploadTimeout: z.number().int().optional(),
  verify: z.boolean().optional(),
});
type Inputs = z.output<typeof inputs>;

const defaults = { overwrite: true, overwriteUnmanaged: false, uploadTimeout: 600, verify: true } as const;
const metadata = z.object({ filename: z.string().optional(), size: z.number().optional() });
const content = z.array(z.object({ volid: z.string(), size: z.number().default(0) }));

const kept: ReadonlySet<string> = new Set(["overwrite", "overwriteUnmanaged", "uploadTimeout", "verify"]);
const shape: Shape = {
  inputs: Object.keys(inputs.shape),
  defaults: new Map(Object.entries(defaults)),
  computed: new Set(["fileName"]),
  replaces: new Set(Object.keys(inputs.shape).filter((key) => !kept.has(key))),
  sets: new Set(),
};

// What a read saw differ from the state: the reason for the next diff to replace. Lives in the state, as the plugin's
// private state does.
const marker = "__meta";

/** The type's double over one API. */
export function file(rest: Rest): ResourceDouble {
  return {
    deleteBeforeReplace: false,
    secrets: [],
    check(news) {
      checked(inputs, news);
      return news;
    },
    diff: ({ outputs }, news) => [
      ...compare(outputs, { ...defaults, ...news }, shape),
      ...(outputs[marker] !== undefined && (news.overwrite ?? defaults.overwrite) === true
        ? [{ path: "size", kind: "update-replace" } as const]
        : []),
    ],
    preview: (news, olds = {}) => ({ ...olds, ...defaults, ...news }),
    create: (news, signal) => createFile(rest, news, signal),
    async read(id, olds, signal) {
      const known = { ...defaults, ...olds.outputs, ...whereOf(id, olds.outputs) };
      const size = await sizeOf(rest, id, known, signal);
      if (size === undefined) return undefined;
      const changed =
        size !== (olds.outputs.size ?? size) || (await upstreamDiffers(rest, known, { size, signal }));
      const outputs = { ...known, id, size, [marker]: changed ? `size was ${olds.outputs.size}` : undefined };
      return { id, outputs, inputs: inputsOf(shape.inputs, olds.inputs, outputs) };
    },
    async update(id, { olds, news }, signal) {
      const outputs = { ...olds, ...defaults, ...news };
      const size = await sizeOf(rest, id, outputs, signal);
      if (size === undefined)
        throw new Error("Error when reading file from datastore: file does not exists in datastore");
      return { ...outputs, size };
    },
    async delete(id, olds, signal) {
      const { nodeName, datastoreId } = place.parse({ ...olds, ...whereOf(id, olds) });
      try {
        await rest.send("DELETE", `nodes/${nodeName}/storage/${datastoreId}/content/${segment(id)}`, {
          signal,
        });
      } catch (error) {
        if (!(error instanceof PveError && error.gone)) throw error;
      }
    },
  };
}

const place = inputs.pick({ nodeName: true, datastoreId: true, contentType: true });

async function createFile(rest: Rest, news: Properties, signal: AbortSignal) {
  const wanted = inputs.parse({ ...defaults, ...news });
  const found = await rest.get(`nodes/${wanted.nodeName}/query-url-metadata`, metadata, {
    query: urlQuery(wanted),
    signal,
  });
  const named = { ...wanted, fileName: z.string().parse(wanted.fileName ?? found.filename) };
  await download(rest, named, signal);
  const id = `${named.datastoreId}:${named.contentType}/${named.fileName}`;
  const size = await sizeOf(rest, id, named, signal);
  if (size === undefined)
    throw new Error("Error when reading file from datastore: file does not exists in datastore");
  return { id, outputs: { ...named, id, size } };
}

function download(rest: Rest, wanted: Inputs, signal: AbortSignal): Promise<void> {
  const { nodeName, datastoreId } = wanted;
  return rest.run("POST", `nodes/${nodeName}/storage/${datastoreId}/download-url`, {
    fields: {
      content: wanted.contentType,
      filename: wanted.fileName,
      url: wanted.url,
      checksum: wanted.checksum,
      "checksum-algorithm": wanted.checksumAlgorithm,
      compression: wanted.decompressionAlgorithm,
      node: nodeName,
      storage: datastoreId,
      "verify-certificates": wanted.verify === false ? 0 : 1,
    },
    deadline: (wanted.uploadTimeout ?? defaults.uploadTimeout) * 1_000,
    signal,
  });
}

async function sizeOf(
  rest: Rest,
  id: string,
  known: Properties,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { nodeName, datastoreId, contentType } = place.parse(known);
  const path = `nodes/${nodeName}/storage/${datastoreId}/content`;
  const files = await rest.get(path, content, { query: { content: contentType }, signal });
  return files.find(({ volid }) => volid === id)?.size;
}

// Only asked for files that may be overwritten; an answer that can not be had counts as no change.
async function upstreamDiffers(
  rest: Rest,
  known: Properties,
  { size, signal }: { size: number; signal: AbortSignal },
): Promise<boolean> {
  if (known.overwrite !== true) return false;
  const wanted = inputs.parse(known);
  const path = `nodes/${wanted.nodeName}/query-url-metadata`;
  const found = await rest
    .get(path, metadata, { query: urlQuery(wanted), signal })
    .catch((error: unknown) => {
      if (error instanceof PveError) return undefined;
      throw error;
    });
  return found?.size !== undefined && found.size !== size;
}

function urlQuery(wanted: Inputs) {
  return { url: wanted.url, "verify-certificates": wanted.verify === false ? 0 : 1 };
}

function whereOf(id: string, known: Properties): Properties {
  const match = /^([^:]+):([^/]+)\/(.+)$/.exec(id);
  if (match === null) throw new Error(`"${id}": expected datastore:content/file`);
  return { datastoreId: match[1], contentType: match[2], fileName: known.fileName ?? match[3] };
}
