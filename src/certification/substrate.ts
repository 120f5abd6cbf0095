// Certifies one substrate: look, and where it is asked for and something is wrong, repair and look again.
import type { Answer } from "../check/check.ts";
import { breakLock, holderOf, isAbandoned, readLock } from "../engine/lock.ts";
import { converge, replace } from "./converge.ts";
import type { KnownKeys } from "./hostkeys.ts";
import { type Look, look } from "./look.ts";
import { applyMends } from "./mend.ts";
import { type Attempt, type Repair, recordRepairs, withUnrepaired } from "./repair.ts";
import { type Craft, namesOf, nextStep, type Step } from "./step.ts";
import type { Means, Subject } from "./subject.ts";

/** What the certification of one substrate came to. */
export type Certified = {
  readonly answers: readonly Answer[];
  readonly repairs: readonly Repair[];
  readonly last: Look;
};

/** A repair that leaves something wrong is followed by one more, no oftener. */
const rounds = 2;

/** What is asked of the certification of one substrate. */
type Asked = {
  readonly repair: boolean;
  readonly runId?: string | undefined;
  readonly known: KnownKeys;
};

/** Looks; repairs only what is seen to be wrong, and only when asked. */
export async function certifySubstrate(subject: Subject, means: Means, asked: Asked): Promise<Certified> {
  const { stack, open } = subject;
  if (asked.repair) await clearAbandonedLock(subject, means);
  means.progress({ kind: "phase", text: `looking at ${stack}` });
  let last = await look(subject, means, asked.known);
  if (!asked.repair) return { answers: last.answers, repairs: [], last };
  const attempts = await escalate(open, {
    answers: () => last.answers,
    carryOut: (step) => carryOut(subject, means, { step, last, ...asked }),
    lookAgain: async () => {
      means.progress({ kind: "phase", text: `looking at ${stack} again` });
      last = await look(subject, means, asked.known);
    },
    signal: means.signal,
  });
  const repairs = recordRepairs(attempts, last.answers);
  for (const { target, action, result } of repairs)
    means.progress({ kind: "repaired", target, action, result });
  return { answers: withUnrepaired(attempts, last.answers), repairs, last };
}

/** How an escalation sees and acts. */
export type Hands = {
  /** Of the last look. */
  readonly answers: () => readonly Answer[];
  readonly carryOut: (step: Step) => Promise<readonly Attempt[]>;
  readonly lookAgain: () => Promise<void>;
  readonly signal: AbortSignal;
};

/** Step by step from the least invasive one, with everything looked at again after each; two rounds at most. */
export async function escalate(craft: Craft, hands: Hands): Promise<readonly Attempt[]> {
  const attempts: Attempt[] = [];
  const tried = new Set<string>();
  for (let round = 1; round <= rounds && !hands.signal.aborted; round += 1) {
    const step = nextStep(hands.answers(), craft, tried);
    if (step === undefined) break;
    for (const name of namesOf(step)) tried.add(name);
    attempts.push(...(await hands.carryOut(step)));
    await hands.lookAgain();
  }
  return attempts;
}

type Doing = Asked & { readonly step: Step; readonly last: Look };

async function carryOut(
  subject: Subject,
  means: Means,
  { step, last, runId, known }: Doing,
): Promise<readonly Attempt[]> {
  if (step.kind === "mend") {
    const { attempts, renewed } = await applyMends(step.mends, means);
    forget(known, renewed, last);
    return attempts;
  }
  const attempts =
    step.kind === "converge"
      ? await converge(subject, means, { last, runId })
      : await replace(subject, means, { last, replaceables: step.replaceables });
  forget(
    known,
    attempts.flatMap(({ done, target }) => (done ? target : [])),
    last,
  );
  return attempts;
}

/** What a repair has changed may come up as another instance. */
function forget(known: KnownKeys, endpoints: readonly Attempt["target"][], { answers }: Look): void {
  for (const endpoint of endpoints)
    known.forget(
      endpoint,
      answers.filter(({ check }) => check.target === endpoint),
    );
}

/** A lock whose holder was a process of this machine and is no more: nobody else can ever release it. */
async function clearAbandonedLock({ stack }: Subject, means: Means): Promise<void> {
  const lock = await readLock(stack, means).catch(() => undefined);
  if (lock === undefined || !isAbandoned(lock)) return;
  const broken = await breakLock(stack, means);
  const outcome = broken ? "removed" : "could not be removed; try `pulumi cancel`";
  means.progress({
    kind: "note",
    text: `${stack}: the lock of ${holderOf(lock)}, which is gone: ${outcome}`,
  });
}
