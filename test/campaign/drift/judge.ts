// Holds manifests against the drifts that were there: what was detected, what was repaired, and who was wrongly blamed.
import type { Manifest } from "../../../src/manifest/model.ts";
import { substrateNames } from "../../../src/substrates/index.ts";
import type { Waiting } from "./batch.ts";
import type { Injection } from "./injection.ts";
import { overlap } from "./walk.ts";

/** What is known of a substrate while judging. */
export type Ground = {
  readonly substrate: string;
  /** The keys of the checks that cover a resource. */
  readonly verifiers: (resource: string) => readonly string[];
  /** The resource itself and all that was made from it. */
  readonly dependents: (resource: string) => readonly string[];
};

/** How a drift showed: by its name or its prepared check, by a check that covers its resource, or not at all. */
export type Detection = "named" | "covered" | "missed";

type Tried = {
  readonly injection: Injection;
  /** Whether nothing else was wrong with its resource. */
  readonly alone: boolean;
};

/** How one drift showed in a read-only run. */
export function detectionOf(
  { injection, alone }: Tried,
  manifest: Manifest | undefined,
  ground: Ground,
): Detection {
  if (manifest === undefined || manifest.status === "pass") return "missed";
  if (names({ injection, alone }, manifest, ground)) return "named";
  const covering = injection.resource === undefined ? [] : ground.verifiers(injection.resource);
  const failed = failedIn(manifest).filter((key) => key !== driftKey(ground));
  return alone && failed.some((key) => covering.includes(key)) ? "covered" : "missed";
}

function names({ injection: { resource, what }, alone }: Tried, manifest: Manifest, ground: Ground): boolean {
  if (what.kind === "prepared")
    return failedIn(manifest).some((key) => key.split("@")[0] === what.drift.check);
  const told = toldIn(manifest, ground).find(({ name }) => name === resource);
  if (told === undefined) return false;
  if (what.kind === "deletion") return told.properties === "missing";
  // A set has an order of its own, and tells of an item by another number.
  const numbered = (path: string) => (alone ? path.replaceAll(/\[\d+\]/g, "[]") : path);
  const changed = numbered(what.change.path);
  return told.properties !== "missing" && told.properties.some((path) => overlap(numbered(path), changed));
}

/** What the drift check tells of one resource. */
type Told = { readonly name: string; readonly properties: readonly string[] | "missing" };

function toldIn({ checks }: Manifest, ground: Ground): readonly Told[] {
  const drift = checks.find((check) => keyOf(check) === driftKey(ground) && check.result === "fail");
  const [, list = ""] = /^\d+ resources differ: (.*)$/s.exec(drift?.summary ?? "") ?? [];
  return list.split("; ").map((one) => {
    const [, name = "", properties] = /^([a-z0-9-]+)(?:: (.*)| .*)$/s.exec(one) ?? [];
    return { name, properties: properties?.split(", ") ?? (one.endsWith(" is missing") ? "missing" : []) };
  });
}

/** Failed checks that none of these drifts can explain: not its own check, and not one that covers it or what was made from it. */
export function blamedWrongly(
  batch: readonly Waiting[],
  manifest: Manifest | undefined,
  ground: Ground,
): readonly string[] {
  if (manifest === undefined) return [];
  const prepared = batch.flatMap(({ injection: { what } }) =>
    what.kind === "prepared" ? [what.drift.check, ...(what.drift.along ?? [])] : [],
  );
  const covering = batch.flatMap(({ injection: { resource } }) =>
    resource === undefined ? [] : ground.dependents(resource).flatMap(ground.verifiers),
  );
  // Flows to other substrates stand on all that is between, and no repair is verified by them.
  const abroad = substrateNames.map((name) => `${ground.substrate}.${name}`);
  const failed = failedIn(manifest);
  // What is broken between two guests shows at both; or it can not be looked at, from one that answers and lacks an interface.
  const passed = new Set(manifest.checks.filter(({ result }) => result === "pass").map(keyOf));
  const answering = manifest.checks.filter(({ target }) => passed.has(`g.ssh@${target}`));
  const own = answering.filter(({ result }) => result !== "pass").map(keyOf);
  const mutual = own.filter((key) => covering.includes(key)).map(idOf);
  const shared = mutual.filter((id) => /\.(l2|l3|mtu|forwarding|eastwest)$/.test(id));
  const explained = new Set<string>([driftKey(ground), ...prepared, ...covering, ...abroad, ...shared]);
  return failed.filter((key) => !explained.has(key) && !explained.has(idOf(key)));
}

/** Whether a drift's resource was made anew: what else was wrong with it went with the old one. */
export function madeAnew({ resource }: Injection, manifest: Manifest | undefined): boolean {
  const records = manifest?.repairs.filter(({ target }) => target === resource) ?? [];
  return records.some(({ action }) => /\b(replaced|created)\b/.test(action));
}

/** Why a manifest is no pass of everything, after a repair. */
export function unrepaired(manifest: Manifest | undefined): readonly string[] {
  if (manifest === undefined) return ["no manifest was written"];
  // What only waits behind another says nothing of its own.
  const checks = manifest.checks.filter(
    ({ result, summary = "" }) =>
      result !== "pass" && !/^could not look: \S+ is (blocked|fail)$/.test(summary),
  );
  const repairs = manifest.repairs.filter(({ result }) => result !== "pass");
  return [
    ...checks.map((check) => `${keyOf(check)} is ${check.result}: ${check.summary}`),
    ...repairs.map(({ target, action, result }) => `repair of ${target} is ${result}: ${action}`),
  ];
}

function failedIn({ checks }: Manifest): readonly string[] {
  return checks.filter(({ result }) => result === "fail").map(keyOf);
}

function keyOf({ name, target }: Manifest["checks"][number]): string {
  return target === undefined ? name : `${name}@${target}`;
}

function idOf(key: string): string {
  return key.split("@")[0] ?? "";
}

function driftKey({ substrate }: Ground): string {
  return `${substrate}.drift`;
}
