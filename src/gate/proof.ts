// Whether everything that is declared was proven: each planned check with a pass of its own, and each repair verified.

import { quoted } from "../environment/visible.ts";
import type { ManifestCheck, ManifestRepair } from "../manifest/model.ts";
import type { Expectation, Planned } from "./expectation.ts";
import type { Refusal } from "./refusal.ts";
import type { Certified } from "./request.ts";

/** How many names a line may hold. */
const most = 12;

/**
 * Refuses a group that nothing is planned for, and whatever is planned and has no pass, or has anything beside it.
 * What is wrong with one check in one way is one refusal, however many targets it has.
 */
export function judgeChecks(certified: Certified, expectation: Expectation): readonly Refusal[] {
  const { provider, groups, planned } = expectation;
  const results = resultsOf(certified.manifest.checks.filter((check) => check.provider === provider));
  const empty = Object.entries(groups).filter(([, ids]) => !planned.some(({ id }) => ids.includes(id)));
  const wrong = planned.flatMap((one) => {
    const found = stateOf(results.get(keyOf(one.id, one.target)));
    return found === "pass" ? [] : [{ ...one, found }];
  });
  return [
    ...empty.map(([group]) => emptyGroup(group, provider)),
    ...[...Map.groupBy(wrong, ({ id, found }) => `${id} ${found}`).values()].map((alike) =>
      unproven(alike, { certified, expectation }),
    ),
  ];
}

/** Refuses checks that nobody planned here and that did not pass; those of no provider that is asked for, too. */
export function judgeStrangers(
  { source, manifest }: Certified,
  expectations: readonly Expectation[],
): readonly Refusal[] {
  const known = new Set(
    expectations.flatMap(({ provider, planned }) =>
      planned.map(({ id, target }) => `${provider} ${keyOf(id, target)}`),
    ),
  );
  const strange = manifest.checks.filter(
    ({ name, target, provider, result }) =>
      result !== "pass" && !known.has(`${provider} ${keyOf(name, target)}`),
  );
  if (strange.length === 0) return [];
  const names = strange.map(({ name, target, result }) => `${quoted(keyOf(name, target))} ${result}`);
  return [
    {
      code: "check",
      subject: `other checks in ${source}`,
      expected: "none but passes",
      actual: some(names),
      remedy: "certify again",
    },
  ];
}

/** Refuses a repair that did not succeed, or whose verifying checks are not all there with a pass. */
export function judgeRepairs({ source, manifest }: Certified): readonly Refusal[] {
  return manifest.repairs.flatMap((repair) => {
    const own = manifest.checks.filter(({ provider }) => provider === repair.provider);
    const results = resultsOf(own);
    const keys = repair.verifiedBy.split(",").map((key) => key.trim());
    const unverified = keys.filter((key) => stateOf(results.get(key)) !== "pass");
    if (repair.result === "pass" && unverified.length === 0) return [];
    return [unverifiedRepair(repair, { source, unverified })];
  });
}

type Results = ReadonlyMap<string, readonly ManifestCheck["result"][]>;

function resultsOf(checks: readonly ManifestCheck[]): Results {
  const groups = Map.groupBy(checks, ({ name, target }) => keyOf(name, target));
  return new Map([...groups].map(([key, own]) => [key, own.map(({ result }) => result)]));
}

/** The first result that is no pass: one pass does not make up for it. */
function stateOf(results: readonly ManifestCheck["result"][] | undefined): ManifestCheck["result"] | "none" {
  if (results === undefined) return "none";
  return results.find((result) => result !== "pass") ?? "pass";
}

function keyOf(id: string, target: string | undefined): string {
  return target === undefined ? id : `${id}@${target}`;
}

function emptyGroup(group: string, provider: string): Refusal {
  return {
    code: "check",
    subject: `check group ${group} of ${provider}`,
    expected: "at least one check that the stack config asks for",
    actual: "none",
    remedy: "declare in the stack config what the topology needs, then certify again",
  };
}

type Wrong = Planned & { readonly found: ManifestCheck["result"] | "none" };
type Where = { readonly certified: Certified; readonly expectation: Expectation };

function unproven(alike: readonly Wrong[], { certified, expectation }: Where): Refusal {
  const [{ id, found } = { id: "", found: "none" }] = alike;
  const [group] = Object.entries(expectation.groups).find(([, ids]) => ids.some((each) => each === id)) ?? [];
  const targets = alike.flatMap(({ target }) => target ?? []);
  return {
    code: "check",
    subject: `check ${id} (${group ?? "no group"}) of ${expectation.provider} in ${certified.source}`,
    expected: "a pass",
    actual: `${found === "none" ? "no result" : found}${targets.length === 0 ? "" : ` for ${some(targets)}`}`,
    remedy: "certify again, with --repair where something is wrong",
  };
}

function unverifiedRepair(
  { target, component, result, verifiedBy }: ManifestRepair,
  { source, unverified }: { readonly source: string; readonly unverified: readonly string[] },
): Refusal {
  return {
    code: "repair",
    subject: `repair of ${quoted(target ?? component)} in ${source}`,
    expected: "a repair that succeeded and whose verifying checks passed",
    actual: result === "pass" ? `no pass of ${some(unverified.map(quoted))}` : result,
    remedy: `certify again; ${quoted(verifiedBy)} must pass`,
  };
}

function some(names: readonly string[]): string {
  const rest = names.length - most;
  return rest <= 0 ? names.join(", ") : `${names.slice(0, most).join(", ")} and ${rest} more`;
}
