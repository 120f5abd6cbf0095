// What a campaign of drifts came to, in figures and in findings.
import type { Plan } from "./injection.ts";
import type { Outcome, Trial } from "./trial.ts";

/** Of one substrate. */
export type Figures = {
  /** Changes of properties that can drift, deletions and prepared drifts, before any sampling. */
  readonly known: number;
  readonly immaterial: number;
  readonly injected: number;
  readonly detected: number;
  readonly repaired: number;
  readonly byHand: number;
  readonly blamed: number;
  readonly refused: number;
};

/** One thing that is not as wanted. */
export type Finding = { readonly drift: string; readonly what: string; readonly why: readonly string[] };

export function figuresOf(plan: Plan, trials: readonly Trial[]): Figures {
  const results = trials.flatMap(({ outcomes }) => outcomes.map(({ result }) => result));
  const injected = results.filter((result) => result.kind === "injected");
  const detected = injected.filter(({ detection }) => detection !== "missed");
  const sum = (counts: readonly number[]) => counts.reduce((all, one) => all + one, 0);
  return {
    known: plan.injections.length,
    immaterial: sum(Object.values(plan.immaterial)),
    injected: injected.length,
    detected: detected.length,
    repaired: detected.filter(({ repair }) => repair.kind === "repaired").length,
    byHand: detected.filter(({ repair }) => repair.kind === "left to a person").length,
    blamed: sum(trials.map(({ blamed }) => blamed.length)),
    refused: results.filter(({ kind }) => kind === "refused" || kind === "void").length,
  };
}

/** Everything that is not as wanted. */
export function findingsOf(plan: Plan, trials: readonly Trial[]): readonly Finding[] {
  const ofPlan = plan.stale.map((entry) =>
    finding(entry, "is listed as immaterial and nothing declared has it"),
  );
  return [...ofPlan, ...trials.flatMap(findingsIn)];
}

/** What is not as wanted in one batch. */
export function findingsIn({ outcomes, blamed }: Trial): readonly Finding[] {
  const together = outcomes.map(({ waiting }) => waiting.injection.name).join(", ");
  return [
    ...outcomes.flatMap(findingsAbout),
    ...blamed.map((check) => finding(together, `${check} was blamed, and none of these explains it`)),
  ];
}

function findingsAbout({ waiting, result }: Outcome): readonly Finding[] {
  const { name } = waiting.injection;
  if (result.kind === "in company") return [];
  if (result.kind !== "injected") return [finding(name, result.kind, [result.why])];
  const { detection, repair } = result;
  return [
    ...(detection === "missed" ? [finding(name, "was not detected")] : []),
    ...(repair.kind === "failed" ? [finding(name, "was not repaired", repair.why)] : []),
  ];
}

function finding(drift: string, what: string, why: readonly string[] = []): Finding {
  return { drift, what, why };
}
