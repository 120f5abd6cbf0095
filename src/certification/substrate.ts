// Certifies one substrate: look, and where it is asked for and something is wrong, repair and look again.
import type { Answer } from "../check/check.ts";
import { list, say } from "../check/outcome.ts";
import { converge } from "./converge.ts";
import { type Look, look } from "./look.ts";
import { type Repair, recordRepairs, withUnrepaired } from "./repair.ts";
import type { Means, Subject } from "./subject.ts";

/** What the certification of one substrate came to. */
export type Certified = {
  readonly answers: readonly Answer[];
  readonly repairs: readonly Repair[];
  readonly last: Look;
};

/** A repair that leaves something wrong is tried once more, no oftener. */
const rounds = 2;

/** Looks; repairs only what differs from the declaration, and only when asked. */
export async function certifySubstrate(
  subject: Subject,
  means: Means,
  asked: { readonly repair: boolean; readonly runId?: string | undefined },
): Promise<Certified> {
  means.progress({ kind: "phase", text: `looking at ${subject.stack}` });
  let certified: Certified = untouched(await look(subject, means));
  for (let round = 1; asked.repair && round <= rounds && isRepairable(certified, means); round += 1)
    certified = await repairOnce(subject, means, { certified, runId: asked.runId });
  return certified;
}

function untouched(last: Look): Certified {
  return { answers: last.answers, repairs: [], last };
}

/** Something is seen to be wrong, and the engine could tell what; never on what could not be seen. */
function isRepairable({ last }: Certified, { signal }: Means): boolean {
  const drift = last.answers.find(({ check }) => check.id.endsWith(".drift"));
  return !signal.aborted && drift?.result === "fail";
}

async function repairOnce(
  subject: Subject,
  means: Means,
  { certified, runId }: { readonly certified: Certified; readonly runId?: string | undefined },
): Promise<Certified> {
  const provisioned = certified.last.checkpoint !== undefined;
  const applied = await converge(subject, means, { runId, provisioned });
  means.progress({ kind: "phase", text: `looking at ${subject.stack} again` });
  const last = await look(subject, means);
  const wrong = provisioned ? certified.last.changes : applied.changes;
  const aftermath = { wrong, applied, answers: last.answers, verifiers: subject.open.verifiers };
  const repairs = recordRepairs(aftermath);
  for (const { target, action, result } of repairs)
    means.progress({ kind: "repaired", target, action, result });
  return { answers: withUnrepaired(aftermath), repairs: merge(certified.repairs, repairs), last };
}

/** A later round's record of a target stands for the earlier one; its properties were all repaired. */
function merge(earlier: readonly Repair[], later: readonly Repair[]): readonly Repair[] {
  const again = new Map(later.map((repair) => [repair.target, repair]));
  const kept = earlier.map((repair) => {
    const next = again.get(repair.target);
    return next === undefined
      ? repair
      : { ...next, action: say`${list([repair.action, next.action], "; ")}` };
  });
  const known = new Set(earlier.map(({ target }) => target));
  return [...kept, ...later.filter(({ target }) => !known.has(target))];
}
