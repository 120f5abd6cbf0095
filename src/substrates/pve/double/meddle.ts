// Changes that no declared property says, sent as requests, with the way to take each of them back.
import { isDeepStrictEqual } from "node:util";
import type { ApiRequest } from "../../double.ts";
import { capture } from "./capture.ts";
import type { Rest } from "./provider/rest.ts";
import { relower } from "./relower.ts";
import type { Cluster } from "./state.ts";
import { ownedVolumes } from "./storage.ts";

/** Longer than any task of the lab's, in ms. */
const deadline = 10_000;

/** What is to be sent, and how long there is. */
type Asked = { readonly requests: readonly ApiRequest[]; readonly signal: AbortSignal };

/** Sends requests one after the other, seeing their tasks through, and gives back the way to undo them. */
export async function meddle(
  cluster: Cluster,
  rest: Rest,
  { requests, signal }: Asked,
): Promise<() => Promise<void>> {
  const places = new Map(requests.map((request) => placeOf(cluster, request)));
  const before = [...places.values()].map((place) => ({ place, restore: place.remember() }));
  try {
    for (const request of requests) await send(rest, request, signal);
  } catch (error) {
    // A drift that came about by half is none that anybody prepared.
    for (const { restore } of before) restore();
    relower(cluster);
    throw error;
  }
  const drifted = before.map(({ place, restore }) => ({ place, restore, after: place.look() }));
  return async () => {
    // What has been repaired since, or changed by somebody else, is no longer ours to undo.
    for (const { place, restore, after } of drifted) if (isDeepStrictEqual(place.look(), after)) restore();
    relower(cluster);
  };
}

async function send(rest: Rest, { method, path, form }: ApiRequest, signal: AbortSignal): Promise<void> {
  const told = await rest.send(method, path.slice(1), { signal, ...(form && { fields: form }) });
  if (told !== null) await rest.finish(told, { signal, deadline });
}

/** A part of the cluster that one request changes. */
type Place = { readonly look: () => unknown; readonly remember: () => () => void };

/** The part that a path is about, with a name by which requests about the same part are recognised. */
function placeOf(cluster: Cluster, { path, form }: ApiRequest): [string, Place] {
  const [kind = "", name = "", sort = "", id = "", action = ""] = path.slice(1).split("/");
  if (kind === "storage") return [`storage ${name}`, entryOf(cluster.storages, name)];
  if (path === "/cluster/firewall/options") return ["datacenter", mapOf(cluster.datacenter)];
  if (kind === "nodes" && sort === "network") return [`network ${name}`, networkOf(cluster, name)];
  if (kind === "nodes" && sort === "qemu") {
    const vmid = action === "clone" ? form?.newid : id || form?.vmid;
    return [`vm ${vmid}`, vmPlace(cluster, Number(vmid))];
  }
  if (kind === "nodes" && sort === "storage") {
    const volid = action === "content" ? decodeURIComponent(path.split("/").slice(6).join("/")) : undefined;
    const key = `${name}/${volid ?? `${id}:${form?.content}/${form?.filename}`}`;
    return [`volume ${key}`, entryOf(cluster.volumes, key)];
  }
  throw new Error(`no way back is known from ${path}`);
}

function entryOf<T>(map: Map<string, T>, key: string): Place {
  const look = () => structuredClone(map.get(key));
  return {
    look,
    remember: () => {
      const before = look();
      return () => void (before === undefined ? map.delete(key) : map.set(key, before));
    },
  };
}

function mapOf<K, V>(map: Map<K, V>): Place {
  const look = () => new Map(map);
  return {
    look,
    remember: () => {
      const before = look();
      return () => {
        map.clear();
        for (const [key, value] of before) map.set(key, value);
      };
    },
  };
}

function networkOf(cluster: Cluster, name: string): Place {
  const node = cluster.nodes.get(name);
  if (node === undefined) throw new Error(`there is no node ${name}`);
  const look = () => structuredClone({ live: node.live, staged: node.staged });
  return {
    look,
    remember: () => {
      const before = look();
      return () => {
        node.live = before.live;
        if (before.staged === undefined) delete node.staged;
        else node.staged = before.staged;
      };
    },
  };
}

/** A VM with its firewall and its disks, but for what its guest does to them. */
function vmPlace(cluster: Cluster, vmid: number): Place {
  return {
    look: () =>
      structuredClone({
        vm: cluster.vms.get(vmid),
        firewall: cluster.firewalls.get(vmid),
        volumes: ownedVolumes(cluster, vmid).map(([key, { size }]) => [key, size]),
      }),
    remember: () => capture(cluster, "proxmoxve:index/vmLegacy:VmLegacy", String(vmid)),
  };
}
