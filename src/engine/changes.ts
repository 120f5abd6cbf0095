// Reads engine events: what a run would change or changed, resource by resource, never from printed text.
import { z } from "zod";
import { name as logicalName, type Name } from "../environment/name.ts";

/** How a property differs, with its path: `networkDevices[0].vlanId`. */
export const propertyPath = z
  .string()
  .regex(/^[A-Za-z0-9_[\]".-]{1,200}$/)
  .brand<"PropertyPath">();

/** A property path of a declared resource; its words are the provider schema's, not a far end's. */
export type PropertyPath = z.infer<typeof propertyPath>;

/** What happens to a resource. */
export type Action = "create" | "update" | "replace" | "delete" | "import";

/** One resource that a run changes. */
export type Change = {
  readonly urn: string;
  /** The logical name that the program gave it. */
  readonly name: Name;
  readonly type: string;
  readonly action: Action;
  /** What differs; empty for creation and deletion. */
  readonly properties: readonly PropertyPath[];
};

/** What one engine run said. */
export type Events = {
  /** Resources that are not as declared, in the engine's order. */
  readonly changes: readonly Change[];
  /** URNs whose operations ended well. */
  readonly done: ReadonlySet<string>;
  /** Error diagnostics; provider text, for the debug log only. */
  readonly errors: readonly string[];
};

const actions: Readonly<Record<string, Action>> = {
  create: "create",
  update: "update",
  replace: "replace",
  "create-replacement": "replace",
  "delete-replaced": "replace",
  delete: "delete",
  import: "import",
  "import-replacement": "import",
};

const state = z.object({ inputs: z.record(z.string(), z.unknown()).nullish() });

const step = z.object({
  op: z.string(),
  old: state.nullish(),
  new: state.nullish(),
  urn: z.string(),
  type: z.string(),
  detailedDiff: z.record(z.string(), z.unknown()).nullish(),
  diffs: z.array(z.string()).nullish(),
});

const engineEvent = z.object({
  resourcePreEvent: z.object({ metadata: step }).optional(),
  resOutputsEvent: z.object({ metadata: step }).optional(),
  diagnosticEvent: z.object({ severity: z.string(), message: z.string() }).optional(),
});

/** Collects a run's events. An event that is not understood is an error of the run, never an absence of drift. */
export function readEvents(events: readonly unknown[]): Events {
  const changes = new Map<string, Change>();
  const done = new Set<string>();
  const errors: string[] = [];
  for (const raw of events) {
    const event = engineEvent.parse(raw);
    const change = changeOf(event.resourcePreEvent?.metadata);
    if (change !== undefined) changes.set(change.urn, strongest(changes.get(change.urn), change));
    const ended = changeOf(event.resOutputsEvent?.metadata);
    if (ended !== undefined) done.add(ended.urn);
    if (event.diagnosticEvent?.severity === "error") errors.push(event.diagnosticEvent.message);
  }
  return { changes: [...changes.values()], done, errors };
}

/** None for what is no change of the substrate: same, refresh, read, the stack itself, and providers' own settings. */
function changeOf(metadata: z.infer<typeof step> | undefined): Change | undefined {
  const action = metadata === undefined ? undefined : actions[metadata.op];
  if (metadata === undefined || action === undefined || metadata.type.startsWith("pulumi:")) return undefined;
  const { urn, type } = metadata;
  return { urn, name: logicalName.parse(nameOf(urn)), type, action, properties: propertiesOf(metadata, action) };
}

/**
 * The inputs that differ. A detailed diff also names outputs that are not known before the update (an address list,
 * say); they are nothing that anybody set.
 */
function propertiesOf(metadata: z.infer<typeof step>, action: Action): readonly PropertyPath[] {
  if (action === "create" || action === "delete") return [];
  const detailed = Object.keys(metadata.detailedDiff ?? {});
  const inputs = new Set([metadata.old, metadata.new].flatMap((side) => Object.keys(side?.inputs ?? {})));
  const paths = detailed.length > 0 ? detailed : (metadata.diffs ?? []);
  return paths.filter((path) => inputs.has(topKeyOf(path))).map((path) => propertyPath.parse(path));
}

/** `networkDevices` of `networkDevices[0].vlanId` */
function topKeyOf(path: string): string {
  return path.split(/[.[]/, 1)[0] ?? path;
}

/** A replacement comes as several steps; together they are one replacement with all their properties. */
function strongest(known: Change | undefined, next: Change): Change {
  if (known === undefined) return next;
  const properties = [...new Set([...known.properties, ...next.properties])];
  const action = known.action === "replace" ? known.action : next.action;
  return { ...known, action, properties };
}

/** The last part of `urn:pulumi:stack::project::type::name`. */
function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}
