// `proxmoxve:firewall/optionsLegacy:OptionsLegacy`: the firewall options of one VM.
import { crc32 } from "node:zlib";
import { z } from "zod";
import { compare, type Shape } from "../../../bridged/compare.ts";
import { checked, inputsOf } from "../../../bridged/inputs.ts";
import type { Properties, ResourceDouble } from "../../../double.ts";
import type { Fields, Rest } from "./rest.ts";

const inputs = z.object({
  nodeName: z.string(),
  vmId: z.number().int(),
  dhcp: z.boolean().default(false),
  enabled: z.boolean().default(false),
  ipfilter: z.boolean().default(false),
  logLevelIn: z.string().default("nolog"),
  logLevelOut: z.string().default("nolog"),
  macfilter: z.boolean().default(false),
  ndp: z.boolean().default(false),
  inputPolicy: z.string().default(""),
  outputPolicy: z.string().default(""),
  radv: z.boolean().default(true),
});
type Inputs = z.output<typeof inputs>;

// Booleans that do not come as numbers read as false (pve/README.md).
const flag = z.unknown().transform((value) => (value === undefined ? undefined : value === 1));
const stored = z.object({
  dhcp: flag.optional(),
  enable: flag.optional(),
  ipfilter: flag.optional(),
  log_level_in: z.string().optional(),
  log_level_out: z.string().optional(),
  macfilter: flag.optional(),
  ndp: flag.optional(),
  policy_in: z.string().optional(),
  policy_out: z.string().optional(),
  radv: flag.optional(),
});

const shape: Shape = {
  inputs: Object.keys(inputs.shape),
  defaults: new Map(),
  computed: new Set(),
  replaces: new Set(),
  sets: new Set(),
};

/** The type's double over one API. */
export function options(rest: Rest): ResourceDouble {
  return {
    deleteBeforeReplace: true,
    secrets: [],
    check(news) {
      checked(inputs, news);
      return { logLevelIn: "nolog", logLevelOut: "nolog", radv: true, ...news };
    },
    diff: ({ outputs }, news) => compare(outputs, news, shape),
    preview: (news, olds = {}) => ({ ...olds, ...news }),
    async create(news, signal) {
      const wanted = inputs.parse(news);
      const id = `options-${crc32(pathOf(wanted))}`;
      return { id, outputs: { ...(await set(rest, wanted, signal)), id } };
    },
    async read(id, olds, signal) {
      const known = { ...olds.outputs, ...imported(id) };
      const outputs = await readOptions(rest, known, signal);
      const found = id.startsWith("vm/") ? `options-${crc32(pathOf(target.parse(known)))}` : id;
      return {
        id: found,
        outputs: { ...outputs, id: found },
        inputs: inputsOf(shape.inputs, olds.inputs, outputs),
      };
    },
    async update(id, { news }, signal) {
      const wanted = inputs.parse(news);
      return { ...(await readOptions(rest, await set(rest, wanted, signal), signal)), id };
    },
    // The plugin sends nothing: the options stay on the VM.
    delete: async () => {},
  };
}

const target = inputs.pick({ nodeName: true, vmId: true });

function pathOf({ nodeName, vmId }: Pick<Inputs, "nodeName" | "vmId">): string {
  return `nodes/${nodeName}/qemu/${vmId}/firewall/options`;
}

async function set(rest: Rest, wanted: Inputs, signal: AbortSignal): Promise<Properties> {
  const fields: Fields = {
    dhcp: Number(wanted.dhcp),
    enable: Number(wanted.enabled),
    ipfilter: Number(wanted.ipfilter),
    log_level_in: wanted.logLevelIn,
    log_level_out: wanted.logLevelOut,
    macfilter: Number(wanted.macfilter),
    ndp: Number(wanted.ndp),
    policy_in: wanted.inputPolicy,
    policy_out: wanted.outputPolicy,
    radv: Number(wanted.radv),
  };
  await rest.send("PUT", pathOf(wanted), { fields, signal });
  return readOptions(rest, wanted, signal);
}

// What PVE does not list keeps its last known value: options that were reset are not seen (drift 36).
async function readOptions(rest: Rest, known: Properties, signal: AbortSignal): Promise<Properties> {
  const found = await rest.get(pathOf(target.parse(known)), stored, { signal });
  return {
    ...known,
    dhcp: found.dhcp ?? known.dhcp,
    enabled: found.enable ?? known.enabled,
    ipfilter: found.ipfilter ?? known.ipfilter,
    logLevelIn: found.log_level_in ?? known.logLevelIn,
    logLevelOut: found.log_level_out ?? known.logLevelOut,
    macfilter: found.macfilter ?? known.macfilter,
    ndp: found.ndp ?? known.ndp,
    inputPolicy: found.policy_in ?? known.inputPolicy,
    outputPolicy: found.policy_out ?? known.outputPolicy,
    radv: found.radv ?? known.radv,
  };
}

function imported(id: string): Properties {
  const match = /^vm\/([^/]+)\/(\d+)$/.exec(id);
  return match === null ? {} : { nodeName: match[1], vmId: Number(match[2]) };
}
