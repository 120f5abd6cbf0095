// `proxmoxve:network/linux/bridge:Bridge`: a Linux bridge in a node's network configuration.
import { z } from "zod";
import { compare, type Shape } from "../../../bridged/compare.ts";
import { checked, inputsOf } from "../../../bridged/inputs.ts";
import type { Properties, ResourceDouble } from "../../../double.ts";
import type { Fields, Rest } from "./rest.ts";

const inputs = z.object({
  nodeName: z.string(),
  name: z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,9}$/),
  address: z.string().optional(),
  gateway: z.string().optional(),
  address6: z.string().optional(),
  gateway6: z.string().optional(),
  autostart: z.boolean().optional(),
  mtu: z.number().int().optional(),
  comment: z.string().optional(),
  ports: z.array(z.string()).optional(),
  vlanAware: z.boolean().optional(),
  vids: z
    .string()
    .regex(/^\d+(-\d+)?( \d+(-\d+)?)*$/)
    .optional(),
  timeoutReload: z.number().int().min(5).optional(),
});
type Inputs = z.output<typeof inputs>;

// Where the real client can not decode, this one does not either: a number here, a string there (pve/README.md).
const listed = z.array(
  z.object({
    iface: z.string(),
    cidr: z.string().optional(),
    gateway: z.string().optional(),
    cidr6: z.string().optional(),
    gateway6: z.string().optional(),
    autostart: z.unknown().optional(),
    mtu: z.string().optional(),
    comments: z.string().optional(),
    bridge_ports: z.string().optional(),
    bridge_vlan_aware: z.unknown().optional(),
    bridge_vids: z.string().optional(),
  }),
);

const shape: Shape = {
  inputs: Object.keys(inputs.shape),
  defaults: new Map(),
  computed: new Set(["vlanAware", "vids"]),
  replaces: new Set(["name"]),
  sets: new Set(),
};

/** The type's double over one API. */
export function bridge(rest: Rest): ResourceDouble {
  return {
    deleteBeforeReplace: false,
    secrets: [],
    check,
    diff: ({ outputs }, news) => compare(outputs, planned(news, outputs), shape),
    preview: (news, olds = {}) => ({ ...olds, ...planned(news, olds) }),
    async create(news, signal) {
      const wanted = inputs.parse(news);
      await rest.send("POST", `nodes/${wanted.nodeName}/network`, { fields: bodyOf(wanted), signal });
      const outputs = await found(rest, wanted, planned(news, {}), signal);
      await reload(rest, wanted, signal);
      return {
        id: `${wanted.nodeName}:${wanted.name}`,
        outputs: { ...outputs, id: `${wanted.nodeName}:${wanted.name}` },
      };
    },
    async read(id, olds, signal) {
      const { nodeName, name } = parseId(id);
      const outputs = await readBridge(rest, { nodeName, name }, olds.outputs, signal);
      if (outputs === undefined) return undefined;
      return { id, outputs: { ...outputs, id }, inputs: inputsOf(shape.inputs, olds.inputs, outputs) };
    },
    async update(id, { olds, news }, signal) {
      const wanted = inputs.parse(planned(news, olds));
      const fields = { ...bodyOf(wanted), delete: deletions(olds, wanted) };
      await rest.send("PUT", `nodes/${wanted.nodeName}/network/${wanted.name}`, { fields, signal });
      const outputs = await found(rest, wanted, planned(news, olds), signal);
      await reload(rest, wanted, signal);
      return { ...outputs, id };
    },
    async delete(id, olds, signal) {
      const { nodeName, name } = parseId(id);
      await rest.send("DELETE", `nodes/${nodeName}/network/${name}`, { signal });
      await reload(rest, { nodeName, timeoutReload: inputs.partial().parse(olds).timeoutReload }, signal);
    },
  };
}

function check(news: Properties): Properties {
  checked(inputs, news);
  if (news.vids !== undefined && !news.vlanAware)
    throw new Error("The `vids` attribute requires `vlan_aware = true`");
  return news;
}

// The plan: defaults filled in; what is neither declared nor decided by another attribute stays as it is.
function planned(news: Properties, state: Properties): Properties {
  const vlanAware = news.vlanAware ?? state.vlanAware;
  const vids = vlanAware === false ? undefined : (news.vids ?? state.vids);
  return {
    ...news,
    autostart: news.autostart ?? true,
    timeoutReload: news.timeoutReload ?? 100,
    vlanAware,
    vids: vids ?? undefined,
  };
}

function bodyOf(wanted: Inputs): Fields {
  const ports = (wanted.ports ?? [])
    .map((port) => port.trim())
    .filter(Boolean)
    .sort()
    .join(" ");
  return {
    iface: wanted.name,
    type: "bridge",
    autostart: wanted.autostart === false ? 0 : 1,
    cidr: wanted.address,
    gateway: wanted.gateway,
    cidr6: wanted.address6,
    gateway6: wanted.gateway6,
    mtu: wanted.mtu,
    comments: wanted.comment,
    bridge_ports: ports === "" ? undefined : ports,
    bridge_vlan_aware: wanted.vlanAware ? 1 : undefined,
    bridge_vids: wanted.vids,
  };
}

function deletions(olds: Properties, wanted: Inputs): string | undefined {
  const keys = [
    ["address", "cidr"],
    ["address6", "cidr6"],
    ["mtu", "mtu"],
    ["gateway", "gateway"],
    ["gateway6", "gateway6"],
    ["comment", "comments"],
    ["vids", "bridge_vids"],
  ] as const;
  const cleared = keys.flatMap(([key, field]) =>
    olds[key] != null && wanted[key] === undefined ? [field] : [],
  );
  const off = olds.vlanAware === true && !wanted.vlanAware ? ["bridge_vlan_aware"] : [];
  return [...cleared, ...off].join(",") || undefined;
}

async function found(rest: Rest, wanted: Inputs, plan: Properties, signal: AbortSignal): Promise<Properties> {
  const outputs = await readBridge(rest, wanted, plan, signal);
  if (outputs === undefined)
    throw new Error(
      `Interface "${wanted.name}" on node "${wanted.nodeName}" could not be read after the change`,
    );
  return outputs;
}

// A comment or ports that vanished keep their last known value: the plugin does not see that (drifts 34 and 35).
async function readBridge(
  rest: Rest,
  { nodeName, name }: Pick<Inputs, "nodeName" | "name">,
  known: Properties,
  signal: AbortSignal,
): Promise<Properties | undefined> {
  const all = await rest.get(`nodes/${nodeName}/network`, listed, { signal });
  const iface = all.find((candidate) => candidate.iface === name);
  if (iface === undefined) return undefined;
  return {
    nodeName,
    name,
    address: iface.cidr,
    gateway: iface.gateway,
    address6: iface.cidr6,
    gateway6: iface.gateway6,
    autostart: iface.autostart === 1,
    mtu: iface.mtu === undefined ? undefined : Number(iface.mtu),
    comment: iface.comments?.trim() ?? known.comment,
    ports: iface.bridge_ports ? iface.bridge_ports.split(" ") : known.ports,
    vlanAware: iface.bridge_vlan_aware === 1,
    vids: iface.bridge_vids,
    timeoutReload: known.timeoutReload ?? 100,
  };
}

function reload(
  rest: Rest,
  of: { nodeName: string; timeoutReload?: number | undefined },
  signal: AbortSignal,
): Promise<void> {
  const deadline = (of.timeoutReload ?? 100) * 1_000;
  return rest.inTurn(() => rest.run("PUT", `nodes/${of.nodeName}/network`, { deadline, signal }));
}

function parseId(id: string): { nodeName: string; name: string } {
  const match = /^([^:]+):([^:]+)$/.exec(id);
  if (match?.[1] === undefined || match[2] === undefined) throw new Error(`"${id}": expected node:iface`);
  return { nodeName: match[1], name: match[2] };
}
