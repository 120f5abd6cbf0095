// Certifies one substrate: look, and where it is asked for and something is wrong, repair and look again.
import type { Answer } from "../check/check.ts";
import type { Change } from "../engine/changes.ts";
import { newRun, type Run } from "../environment/run.ts";
import { converge } from "./converge.ts";
import { type Look, look } from "./look.ts";
import { type Attempt, attempted, type Repair, recordRepairs, withUnrepaired } from "./repair.ts";
import type { Means, Subject } from "./subject.ts";

/** What the certification of one substrate came to. */
export type Certified = {
  readonly answers: readonly Answer[];
  readonly repairs: readonly Repair[];
  readonly last: Look;
};

/** A repair that leaves something wrong is tried once more, no oftener. */
const rounds = 2;

/** The two things that a certification does to a substrate. */
export type Steps = { readonly look: typeof look; readonly converge: typeof converge };

/** What is asked for. */
type Asked = { readonly repair: boolean; readonly runId?: string | undefined };

/** Looks; repairs only what differs from the declaration, and only when asked. */
export const certifySubstrate = certifierWith({ look, converge });

/** A certifier of substrates that does these steps. */
export function certifierWith(steps: Steps) {
  return async (subject: Subject, means: Means, asked: Asked): Promise<Certified> => {
    means.progress({ kind: "phase", text: `looking at ${subject.stack}` });
    const first = await steps.look(subject, means);
    const run = newRun(new Date(), asked.runId);
    let round: Round = { answers: first.answers, repairs: [], last: first, attempts: [] };
    for (let number = 1; asked.repair && number <= rounds && isRepairable(round, means); number += 1)
      round = await repairOnce({ subject, means, steps }, round, run);
    return round;
  };
}

type Round = Certified & { readonly attempts: readonly Attempt[] };

/** Something is seen to be wrong, and the engine could tell what; never on what could not be seen. */
function isRepairable({ last }: Certified, { signal }: Means): boolean {
  const drift = last.answers.find(({ check }) => check.id.endsWith(".drift"));
  return !signal.aborted && drift?.result === "fail";
}

type Scene = { readonly subject: Subject; readonly means: Means; readonly steps: Steps };

async function repairOnce({ subject, means, steps }: Scene, before: Round, run: Run): Promise<Round> {
  const provisioned = before.last.checkpoint !== undefined;
  const applied = await steps.converge(subject, means, { run, provisioned });
  means.progress({ kind: "phase", text: `looking at ${subject.stack} again` });
  const last = await steps.look(subject, means);
  // Before the first provisioning nothing could be compared: all that was made, or is still missing, was wrong.
  const wrong = provisioned ? before.last.changes : union(applied.changes, last.changes);
  const attempts = attempted(before.attempts, wrong, applied);
  const aftermath = { attempts, answers: last.answers, verifiers: subject.open.verifiers };
  const repairs = recordRepairs(aftermath);
  for (const { target, action, result } of repairs)
    means.progress({ kind: "repaired", target, action, result });
  return { answers: withUnrepaired(aftermath), repairs, last, attempts };
}

function union(made: readonly Change[], missing: readonly Change[]): readonly Change[] {
  const known = new Set(made.map(({ urn }) => urn));
  return [...made, ...missing.filter(({ urn }) => !known.has(urn))];
}
