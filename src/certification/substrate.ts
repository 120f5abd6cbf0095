// Certifies one substrate: look, and where it is asked for and something is wrong, repair and look again.
import type { Answer } from "../check/check.ts";
import type { CheckKey } from "../check/key.ts";
import { say } from "../check/outcome.ts";
import { type Change, union } from "../engine/changes.ts";
import type { Pending } from "../engine/checkpoint.ts";
import { name as logicalName } from "../environment/name.ts";
import { newRun, type Run } from "../environment/run.ts";
import type { Replaceable } from "../substrates/substrate.ts";
import { type Applied, converge, nothing, replace } from "./converge.ts";
import { isHeld } from "./held.ts";
import { hindranceOf, keptNote } from "./hindrance.ts";
import type { KnownKeys } from "./hostkeys.ts";
import { clearAbandonedLock } from "./lock.ts";
import { type Look, look } from "./look.ts";
import { applyMends } from "./mend.ts";
import { settlePending } from "./pending.ts";
import { type Attempt, attempted, joined, type Repair, recordRepairs, withUnrepaired } from "./repair.ts";
import { namesOf, nextStep, type Step } from "./step.ts";
import type { Means, Subject } from "./subject.ts";

/** What the certification of one substrate came to. */
export type Certified = {
  readonly answers: readonly Answer[];
  readonly repairs: readonly Repair[];
  readonly last: Look;
};

/** The things that a certification does to a substrate. */
export type Steps = {
  readonly look: typeof look;
  readonly converge: typeof converge;
  readonly replace: typeof replace;
  readonly clearAbandonedLock: typeof clearAbandonedLock;
  readonly settlePending: typeof settlePending;
  readonly isHeld: typeof isHeld;
};

/** What is asked for. */
type Asked = {
  readonly repair: boolean;
  readonly runId?: string | undefined;
  readonly known: KnownKeys;
};

/** Looks; repairs only what is seen to be wrong, and only when asked. */
export const certifySubstrate = certifierWith({
  look,
  converge,
  replace,
  clearAbandonedLock,
  settlePending,
  isHeld,
});

/** A certifier of substrates that does these steps. */
export function certifierWith(steps: Steps) {
  return async (subject: Subject, means: Means, asked: Asked): Promise<Certified> => {
    if (asked.repair) await steps.clearAbandonedLock(subject.stack, means);
    means.progress({ kind: "phase", text: `looking at ${subject.stack}` });
    const last = await steps.look(subject, means, asked.known);
    const scene = { subject, means, steps, known: asked.known, run: newRun(new Date(), asked.runId) };
    const tried: string[] = [];
    let round: Round = {
      answers: last.answers,
      repairs: [],
      last,
      attempts: [],
      byHand: new Set(),
      hindered: false,
    };
    while (asked.repair && !round.hindered && !means.signal.aborted) {
      const step = nextStep(round.last.answers, subject.inspection, { tried, byHand: round.byHand });
      // A release run may have begun since.
      if (step === undefined || (await steps.isHeld(subject, means))) break;
      tried.push(...namesOf(step));
      round = await repairOnce(scene, round, step);
    }
    return round;
  };
}

type Round = Certified & {
  readonly attempts: readonly Attempt[];
  /** Checks whose failures wait for a person. */
  readonly byHand: ReadonlySet<CheckKey>;
  /** Whether a person has to come before anything else is tried. */
  readonly hindered: boolean;
};

type Scene = {
  readonly subject: Subject;
  readonly means: Means;
  readonly steps: Steps;
  readonly known: KnownKeys;
  readonly run: Run;
};

async function repairOnce(scene: Scene, before: Round, step: Step): Promise<Round> {
  const { subject, means, steps, known } = scene;
  const { attempt, renewed, byHand, hindered } = await carryOut(scene, before, step);
  for (const endpoint of renewed)
    known.forget(
      endpoint,
      before.last.answers.filter(({ check }) => check.target === endpoint),
    );
  means.progress({ kind: "phase", text: `looking at ${subject.stack} again` });
  const last = await steps.look(subject, means, known);
  const attempts = attempt(last);
  const aftermath = { attempts, last, verifiers: subject.inspection.verifiers };
  const repairs = recordRepairs(aftermath);
  for (const { target, action, result } of repairs)
    means.progress({ kind: "repaired", target, action, result });
  return { answers: withUnrepaired(aftermath), repairs, last, attempts, byHand, hindered };
}

/** What was attempted can only be told after the next look; what may be another instance now must be known before. */
type Carried = {
  readonly attempt: (next: Look) => readonly Attempt[];
  readonly renewed: readonly Attempt["target"][];
} & Pick<Round, "byHand" | "hindered">;

async function carryOut(scene: Scene, before: Round, step: Step): Promise<Carried> {
  if (step.kind === "converge") return convergeOnce(scene, before);
  if (step.kind === "replace") return replaceOnce(scene, before, step.replaceables);
  const { subject, means, steps } = scene;
  const mayGoOn = async () => !(await steps.isHeld(subject, means));
  const { attempts, renewed, byHand } = await applyMends(step.mends, means, mayGoOn);
  return {
    attempt: () => joined(before.attempts, attempts),
    renewed,
    byHand: new Set([...before.byHand, ...byHand]),
    hindered: false,
  };
}

async function convergeOnce({ subject, means, steps, run }: Scene, before: Round): Promise<Carried> {
  const { changes, checkpoint } = before.last;
  const provisioned = checkpoint !== undefined;
  const { pendingCreates = [], resources = [] } = checkpoint ?? {};
  const taken = pendingCreates.length === 0 ? [] : await steps.settlePending(subject, means, pendingCreates);
  const cutOff = taken === undefined ? pendingCreates : [];
  const earlier = joined(before.attempts, taken?.map(takenOver) ?? []);
  const hindrance = hindranceOf(subject.stack, changes, { resources, pendingCreates: cutOff });
  if (hindrance !== undefined) means.progress({ kind: "note", text: hindrance });
  const applied =
    hindrance === undefined ? await steps.converge(subject, means, { run, provisioned }) : undone();
  // Before the first provisioning nothing could be compared: all that was made, or is still missing, was wrong.
  const wrong = (next: Look) => (provisioned ? changes : union(applied.changes, next.changes));
  const attempt = (next: Look) => attempted(earlier, wrong(next), applied);
  return { attempt, renewed: doneIn(applied), byHand: before.byHand, hindered: hindrance !== undefined };
}

async function replaceOnce(
  { subject, means, steps }: Scene,
  before: Round,
  replaceables: readonly Replaceable[],
): Promise<Carried> {
  const known = before.last.checkpoint?.resources ?? [];
  const found = known.filter(({ name }) => replaceables.some(({ target }) => target === name));
  for (const one of found.filter(({ kept }) => kept))
    means.progress({ kind: "note", text: keptNote(subject.stack, one) });
  const allowed = found.filter(({ kept }) => !kept);
  const applied = allowed.length === 0 ? undone() : await steps.replace(subject, means, allowed);
  const left = replaceables.filter(({ target }) => !applied.changes.some(({ name }) => name === target));
  const attempts = [...attempted([], applied.changes, applied), ...left.map(unreplaced)];
  const renewed = doneIn(applied);
  // What was made anew needs no repair any more that could not be carried out before.
  const earlier = before.attempts.filter(({ target, done }) => done || !renewed.includes(target));
  return { attempt: () => joined(earlier, attempts), renewed, byHand: before.byHand, hindered: false };
}

/** Where the engine then finds it to be as declared, nothing else tells that it was changed: it may have been moved. */
function takenOver({ urn, name }: Pending): Attempt {
  const actions = [say`taken over, for its creation was cut off`];
  return { key: urn, target: logicalName.parse(name), actions, done: true, cures: [], at: new Date() };
}

function undone(): Applied {
  return { ...nothing, at: new Date() };
}

function unreplaced({ target, spoiled, silent }: Replaceable): Attempt {
  const actions = [say`could not be replaced`];
  return { key: target, target, actions, done: false, cures: [...spoiled, ...silent], at: new Date() };
}

/** What the engine has changed may come up as another instance. */
function doneIn({ changes, done }: Applied): readonly Change["name"][] {
  return changes.filter(({ urn }) => done.has(urn)).map(({ name }) => name);
}
