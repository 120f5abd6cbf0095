// `proxmoxve:firewall/rulesLegacy:RulesLegacy`: all firewall rules of one VM, in order.
import { crc32 } from "node:zlib";
import { z } from "zod";
import { compare, type Shape } from "../../../bridged/compare.ts";
import { checked, inputsOf } from "../../../bridged/inputs.ts";
import { type Properties, type ResourceDouble, unknown } from "../../../double.ts";
import { type Fields, PveError, type Rest } from "./rest.ts";

const texts = ["comment", "dest", "dport", "iface", "log", "macro", "proto", "source", "sport"] as const;
const text = z.string().default("");
const rule = z.object({
  action: text,
  type: text,
  enabled: z.boolean().default(true),
  comment: text,
  dest: text,
  dport: text,
  iface: text,
  log: text,
  macro: text,
  proto: text,
  source: text,
  sport: text,
});
type Rule = z.output<typeof rule>;

/** A rule as declared: what only a read adds is accepted and not looked at. */
const declaredRule = rule.extend({ pos: z.number().optional(), securityGroup: z.literal("").optional() });

const inputs = z.object({
  nodeName: z.string(),
  vmId: z.number().int(),
  rules: z.array(declaredRule).default([]),
});
const target = inputs.pick({ nodeName: true, vmId: true });

// `pos` is a number in the list and a string in the single rule, and the plugin decodes nothing else.
const listed = z.array(z.object({ pos: z.number() }));
const single = rule.omit({ enabled: true }).extend({ pos: z.string(), enable: z.unknown().optional() });

const shape: Shape = {
  inputs: Object.keys(inputs.shape),
  defaults: new Map(),
  computed: new Set(["rules[].pos"]),
  replaces: new Set(),
  sets: new Set(),
};

/** The type's double over one API. */
export function rules(rest: Rest): ResourceDouble {
  return {
    deleteBeforeReplace: true,
    secrets: [],
    check(news) {
      checked(inputs, news);
      return { ...news, rules: withDefaults(news.rules) };
    },
    diff: ({ outputs }, news) => compare(outputs, news, shape),
    preview: (news, olds = {}) => ({ ...olds, ...news }),
    async create(news, signal) {
      const wanted = inputs.parse(news);
      const base = pathOf(wanted);
      if ((await rest.get(base, listed, { signal })).length > 0)
        throw new Error("Existing rules detected. Aborting...");
      // PVE inserts at the top.
      for (const each of wanted.rules.toReversed())
        await rest.send("POST", base, { fields: bodyOf(each), signal });
      const id = `rule-${crc32(base)}`;
      return { id, outputs: { ...target.parse(wanted), id, rules: await readRules(rest, base, signal) } };
    },
    async read(id, olds, signal) {
      const where = target.parse({ ...olds.outputs, ...imported(id) });
      const base = pathOf(where);
      const found = id.startsWith("vm/") ? `rule-${crc32(base)}` : id;
      const outputs = { ...where, id: found, rules: await readRules(rest, base, signal) };
      return { id: found, outputs, inputs: inputsOf(shape.inputs, olds.inputs, outputs) };
    },
    async update(id, { olds, news }, signal) {
      const wanted = inputs.parse(news);
      const base = pathOf(wanted);
      await replaceRules(rest, base, {
        before: inputs.shape.rules.parse(olds.rules),
        after: wanted.rules,
        signal,
      });
      return { ...target.parse(wanted), id, rules: await readRules(rest, base, signal) };
    },
    async delete(_id, olds, signal) {
      const base = pathOf(target.parse(olds));
      const positions = z.array(z.object({ pos: z.number() })).parse(olds.rules);
      for (const { pos } of positions.toSorted((a, b) => b.pos - a.pos)) {
        if ((await findRule(rest, `${base}/${pos}`, signal)) === undefined) continue;
        await rest.send("DELETE", `${base}/${pos}`, { signal });
      }
    },
  };
}

function withDefaults(declared: unknown): unknown {
  if (!Array.isArray(declared)) return declared;
  return declared.map((each) => (each === unknown ? each : { enabled: true, ...each }));
}

function pathOf({ nodeName, vmId }: z.output<typeof target>): string {
  return `nodes/${nodeName}/qemu/${vmId}/firewall/rules`;
}

// Empty texts are sent, except where PVE would not take one.
function bodyOf(wanted: Rule): Fields {
  return {
    action: wanted.action,
    type: wanted.type,
    comment: wanted.comment,
    dest: wanted.dest,
    dport: wanted.dport,
    enable: wanted.enabled ? 1 : 0,
    macro: wanted.macro,
    proto: wanted.proto,
    source: wanted.source,
    sport: wanted.sport,
    iface: wanted.iface || undefined,
    log: wanted.log || undefined,
  };
}

async function readRules(rest: Rest, base: string, signal: AbortSignal): Promise<Properties[]> {
  const found: Properties[] = [];
  for (const { pos } of await rest.get(base, listed, { signal })) {
    const each = await findRule(rest, `${base}/${pos}`, signal);
    if (each !== undefined) found.push({ ...each, pos });
  }
  return found;
}

async function findRule(rest: Rest, path: string, signal: AbortSignal): Promise<Rule | undefined> {
  try {
    const { enable, pos: _, ...found } = await rest.get(path, single, { signal });
    return { ...found, enabled: enable === 1 };
  } catch (error) {
    if (error instanceof PveError && (error.gone || /no rule at position/i.test(error.message)))
      return undefined;
    throw error;
  }
}

type Change = {
  readonly before: readonly Rule[];
  readonly after: readonly Rule[];
  readonly signal: AbortSignal;
};

// New rules are posted, all are moved into place, kept ones are sent in full, what is left over goes from the end.
async function replaceRules(rest: Rest, base: string, { before, after, signal }: Change): Promise<void> {
  const matched = matches(before, after);
  for (const [index, each] of after.entries()) {
    if (matched[index] === undefined) await rest.send("POST", base, { fields: bodyOf(each), signal });
  }
  for (const [position, each] of after.entries()) await moveTo(rest, base, { rule: each, position, signal });
  for (const [index, each] of after.entries()) {
    const old = matched[index];
    if (old === undefined) continue;
    const cleared = texts.filter((key) => each[key] === "" && old[key] !== "").join(",") || undefined;
    await rest.send("PUT", `${base}/${index}`, { fields: { ...bodyOf(each), delete: cleared }, signal });
  }
  const left = await rest.get(base, listed, { signal });
  for (const { pos } of left.slice(after.length).toReversed())
    await rest.send("DELETE", `${base}/${pos}`, { signal });
}

function matches(before: readonly Rule[], after: readonly Rule[]): (Rule | undefined)[] {
  const free = [...before];
  return after.map((each) => {
    const index = free.findIndex((old) => signatureOf(old) === signatureOf(each));
    return index < 0 ? undefined : free.splice(index, 1)[0];
  });
}

async function moveTo(
  rest: Rest,
  base: string,
  { rule: wanted, position, signal }: { rule: Rule; position: number; signal: AbortSignal },
): Promise<void> {
  for (const { pos } of await rest.get(base, listed, { signal })) {
    if (pos < position) continue;
    const found = await findRule(rest, `${base}/${pos}`, signal);
    if (found === undefined || signatureOf(found) !== signatureOf(wanted)) continue;
    if (pos !== position) await rest.send("PUT", `${base}/${pos}`, { fields: { moveto: position }, signal });
    return;
  }
  throw new Error(
    `could not find rule with signature "${signatureOf(wanted)}" at or after position ${position}`,
  );
}

// Comment, log level and whether it is enabled do not make another rule.
function signatureOf(each: Rule): string {
  const { type, action, dest, dport, source, sport, proto, macro, iface } = each;
  return ["rule", type, action, dest, dport, source, sport, proto, macro, iface].join(":");
}

function imported(id: string): Properties {
  const match = /^vm\/([^/]+)\/(\d+)$/.exec(id);
  return match === null ? {} : { nodeName: match[1], vmId: Number(match[2]) };
}
