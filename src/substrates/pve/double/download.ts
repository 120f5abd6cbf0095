// Files that a node fetches from the web; the lab's web is a list.
import { broken } from "./refusal.ts";
import type { Cluster, WebFile } from "./state.ts";
import { allocate, pathOf } from "./storage.ts";

/** Every image of the lab's web is built the same way. */
const content = { agent: true, forwarding: true, responders: ["udp:51820"] } as const;

/** GET /nodes/{node}/query-url-metadata */
export function urlMetadata(
  cluster: Cluster,
  url: string,
): { filename: string; mimetype: string; size: number } {
  const { size } = webFile(cluster, url);
  return {
    filename: new URL(url).pathname.split("/").at(-1) ?? "",
    mimetype: "application/octet-stream",
    size,
  };
}

/** What is to be fetched to where. */
export type Download = {
  readonly url: string;
  /** `<storage>:<content>/<file>` */
  readonly volid: string;
  readonly content: "import" | "iso";
  /** SHA-256 that it must have. */
  readonly sha256?: string | undefined;
};

/** POST …/download-url before its task: a file that is there already is not fetched over. */
export function refuseOverwriting(cluster: Cluster, node: string, volid: string): void {
  if (cluster.volumes.has(`${node}/${volid}`))
    throw broken(`refusing to override existing file '${pathOf(volid)}'`);
}

/** POST …/download-url, the work of its task. */
export function download(cluster: Cluster, node: string, wanted: Download): void {
  const { size, virtualSize, sha256 } = webFile(cluster, wanted.url);
  if (wanted.sha256 !== undefined && wanted.sha256 !== sha256)
    throw broken(`checksum mismatch: got '${sha256}' != expected '${wanted.sha256}'`);
  allocate(cluster, node, {
    volid: wanted.volid,
    content: wanted.content,
    size,
    virtualSize,
    image: content,
  });
}

function webFile(cluster: Cluster, url: string): WebFile {
  const file = cluster.web.get(url);
  if (file === undefined) throw broken("invalid server response: '404 Not Found'");
  return file;
}
