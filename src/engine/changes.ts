// Reads engine events: what a run would change or changed, resource by resource, never from printed text.
import { z } from "zod";
import { name as logicalName, type Name } from "../environment/name.ts";
import { type Action, actions, type EngineEvent, engineEvent, type Metadata } from "./event.ts";
import { nameOf } from "./urn.ts";

/** How a property differs, with its path: `networkDevices[0].vlanId`. */
export const propertyPath = z
  .string()
  .max(200)
  .regex(/^[A-Za-z_]\w*(\.[A-Za-z_]\w*|\[\d+\])*$/)
  .brand<"PropertyPath">();

/** A property path of a declared resource; its words are the provider schema's, not a far end's. */
type PropertyPath = z.infer<typeof propertyPath>;

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
  /** URNs of resources that ended the run: with what could not be done, or must not be. */
  readonly failed: ReadonlySet<string>;
  /** Error diagnostics; provider text, for the debug log only. */
  readonly errors: readonly string[];
  /** Whether the engine said at the end that all went well; without that word silence means nothing. */
  readonly complete: boolean;
};

/** Steps of a replacement that leave it half done. */
const partial: ReadonlySet<string> = new Set(["replace", "delete-replaced"]);

/** Collects a run's events. An event that is not understood is an error of the run, never an absence of drift. */
export function readEvents(events: readonly unknown[]): Events {
  const parsed = events.map((event) => engineEvent.parse(event));
  refuseMissing(parsed);
  const changes = new Map<string, Change>();
  for (const { resourcePreEvent } of parsed) {
    const change = changeOf(resourcePreEvent?.metadata);
    if (change !== undefined) changes.set(change.urn, strongest(changes.get(change.urn), change));
  }
  const absent = absentIn(parsed);
  return {
    changes: [...changes.values()].map((change) =>
      change.action === "import" && absent.has(change.urn) ? { ...change, action: "absent" } : change,
    ),
    done: doneIn(parsed),
    failed: failedIn(parsed),
    errors: parsed.flatMap(({ diagnosticEvent }) =>
      diagnosticEvent?.severity === "error" ? diagnosticEvent.message : [],
    ),
    complete: parsed.some(
      ({ summaryEvent }) =>
        summaryEvent !== undefined && !["failed", "canceled"].includes(summaryEvent.result ?? ""),
    ),
  };
}

/** What two runs say: the first word about each resource. */
export function union(first: readonly Change[], second: readonly Change[]): readonly Change[] {
  const known = new Set(first.map(({ urn }) => urn));
  return [...first, ...second.filter(({ urn }) => !known.has(urn))];
}

/** Of what an import has not found, in the engine's own words (pulumi, pkg/resource/deploy/step.go, ImportStep). */
function absentIn(events: readonly EngineEvent[]): ReadonlySet<string | undefined> {
  const told = events.flatMap(({ diagnosticEvent }) => diagnosticEvent ?? []);
  return new Set(
    told.filter(({ message }) => /resource '.*' does not exist$/m.test(message)).map(({ urn }) => urn),
  );
}

/** The engine counts at the end what it changes: where it counts some and none was told, the telling went wrong. */
function refuseMissing(events: readonly EngineEvent[]): void {
  const isChange = (op: string) => actions[op] !== undefined;
  const counts = events.flatMap(({ summaryEvent }) => Object.entries(summaryEvent?.resourceChanges ?? {}));
  const counted = counts.some(([op, count]) => count > 0 && (isChange(op) || !Object.hasOwn(actions, op)));
  const told = events.some(({ resourcePreEvent }) => isChange(resourcePreEvent?.metadata.op ?? "same"));
  if (counted && !told) throw new TypeError("the engine counts changes that it did not tell");
}

function doneIn(events: readonly EngineEvent[]): ReadonlySet<string> {
  const failed = new Set(events.map(({ resOpFailedEvent }) => resOpFailedEvent?.metadata.urn));
  const ended = events.flatMap(({ resOutputsEvent }) => resOutputsEvent?.metadata ?? []);
  const whole = ended.filter(({ op, urn }) => !partial.has(op) && !failed.has(urn));
  return new Set(whole.flatMap((metadata) => changeOf(metadata)?.urn ?? []));
}

function failedIn(events: readonly EngineEvent[]): ReadonlySet<string> {
  const failed = events.flatMap(({ resOpFailedEvent }) => resOpFailedEvent?.metadata.urn ?? []);
  const refused = events.flatMap(({ diagnosticEvent: told }) =>
    told?.severity === "error" && told.urn !== undefined && !isStack(told.urn) ? told.urn : [],
  );
  return new Set([...failed, ...refused]);
}

/** An error of the program's is told as one of the stack itself. */
function isStack(urn: string): boolean {
  return urn.includes("::pulumi:pulumi:Stack::");
}

/** None for what is no change of the substrate: same, refresh, read, the stack itself, and providers' own settings. */
function changeOf(metadata: Metadata | undefined): Change | undefined {
  const action = metadata === undefined ? undefined : actions[metadata.op];
  if (metadata === undefined || action === undefined || metadata.type.startsWith("pulumi:")) return undefined;
  const { urn, type } = metadata;
  return {
    urn,
    name: logicalName.parse(nameOf(urn)),
    type,
    action,
    properties: propertiesOf(metadata, action),
  };
}

/**
 * The inputs that differ. A detailed diff also names outputs that are not known before the update (an address list,
 * say); they are nothing that anybody set.
 */
function propertiesOf(metadata: Metadata, action: Action): readonly PropertyPath[] {
  if (action === "create" || action === "delete") return [];
  const detailed = Object.keys(metadata.detailedDiff ?? {});
  const inputs = new Set([metadata.old, metadata.new].flatMap((side) => Object.keys(side?.inputs ?? {})));
  const paths = detailed.length > 0 ? detailed : (metadata.diffs ?? []);
  return [...new Set(paths.filter((path) => inputs.has(topKeyOf(path))).map(asTold))];
}

/** A path through a map may hold a key that somebody outside chose; then only what the schema named is told. */
function asTold(path: string): PropertyPath {
  const told = propertyPath.safeParse(path);
  return told.success ? told.data : propertyPath.parse(topKeyOf(path));
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
