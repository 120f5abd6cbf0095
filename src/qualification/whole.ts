// Whether the substrate is still the one that was certified: a certification again, which only looks.
import { KnownKeys } from "../certification/hostkeys.ts";
import type { Look } from "../certification/look.ts";
import type { Subject } from "../certification/subject.ts";
import { stateDigest } from "../certification/versions.ts";
import type { Answer } from "../check/check.ts";
import type { HostKeys } from "../ledger/ledger.ts";
import { digest } from "../manifest/canonical.ts";
import { provider as providerModel } from "../manifest/model.ts";
import type { PlannedEndpoint } from "./plan.ts";
import type { ResultCheck } from "./result.ts";

/** A substrate with what its certification is bound to. */
export type Certified = {
  readonly subject: Subject;
  /** Digests from the manifest. */
  readonly state: string | undefined;
  readonly observed: string | undefined;
};

/** What looking again came to, over all substrates. */
export type Again = {
  readonly whole: boolean;
  /** What is wrong or could not be seen; where nothing is, one pass for each substrate. */
  readonly checks: readonly ResultCheck[];
  /** Who was logged in to, with the substrate's name. */
  readonly met: readonly PlannedEndpoint[];
};

/** Certifies again by these looks, which only read. */
export async function certifyAgain(
  certified: readonly Certified[],
  hostKeys: HostKeys,
  looking: (subject: Subject, known: KnownKeys) => Promise<Look>,
): Promise<Again> {
  const looks = await Promise.all(
    certified.map(async (one) => {
      const { subject } = one;
      // What was seen earlier must not stand in for what is not there any more.
      const inspection = await subject.open.inspect();
      const known = new KnownKeys(hostKeys[subject.substrate.name] ?? {}, false);
      const seen = await looking({ ...subject, inspection }, known);
      return { name: subject.substrate.name, seen, checks: judge(one, seen, digest(inspection.observed())) };
    }),
  );
  const checks = looks.flatMap((one) => one.checks);
  return {
    whole: checks.every(({ result }) => result === "pass"),
    checks,
    met: looks.flatMap(({ name, seen }) => endpointsOf(seen, name)),
  };
}

/** One that was tried twice was met twice. */
function endpointsOf({ met }: Look, provider: string): readonly PlannedEndpoint[] {
  const distinct = new Map(met.map((one) => [one.endpoint.name, one]));
  return [...distinct.values()].map(({ endpoint, hostKey }) => {
    return { provider: providerModel.parse(provider), ...endpoint, hostKey };
  });
}

/** Of a certified substrate, what it is judged by. */
type Judged = Omit<Certified, "subject"> & { readonly subject: Pick<Subject, "substrate"> };

/** What one look says against a certified substrate; where that is nothing, one pass. */
export function judge(
  { subject, state, observed }: Judged,
  seen: Pick<Look, "answers" | "checkpoint">,
  observedNow: string,
): readonly ResultCheck[] {
  const checkedAt = new Date().toISOString();
  const provider = providerModel.parse(subject.substrate.name);
  const wrong = seen.answers.filter(({ result }) => result !== "pass");
  const about = { provider, result: "fail" as const, checkedAt };
  const other = (name: string, summary: string, same: boolean) => (same ? [] : [{ ...about, name, summary }]);
  const found = [
    ...wrong.map((answer) => checkOf(answer, subject.substrate.name)),
    ...other(
      "substrate.state",
      "the stack is another than certified",
      stateDigest(seen.checkpoint) === state,
    ),
    // What could not be seen is missing from what was observed; that is told already.
    ...other(
      "substrate.observed",
      "the material is another than certified",
      wrong.length > 0 || observedNow === observed,
    ),
  ];
  const { length } = seen.answers;
  const summary = `${length} of ${length} checks pass, on the certified state and material`;
  // Nothing passes by absence.
  const result = length > 0 ? ("pass" as const) : ("blocked" as const);
  return found.length > 0 ? found : [{ ...about, name: "substrate.whole", result, summary }];
}

/** An answer as evidence. */
export function checkOf({ check, result, summary, at }: Answer, provider: string): ResultCheck {
  return {
    name: check.id,
    provider: providerModel.parse(provider),
    target: check.target,
    ...{ result, checkedAt: at.toISOString(), summary },
  };
}
