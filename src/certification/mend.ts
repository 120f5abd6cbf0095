// Carries out mends: one after the other, for they may touch the same machine.
import type { CheckKey } from "../check/key.ts";
import { type Sentence, say } from "../check/outcome.ts";
import type { Name } from "../environment/name.ts";
import { ByHand, type Mend } from "../substrates/substrate.ts";
import type { Attempt } from "./repair.ts";
import type { Means } from "./subject.ts";

/** Longer than any node takes to apply its network or a guest to restart, in ms. */
const deadline = 180_000;

/** What mending came to; a mend that had nothing to do after all is no attempt. */
export type Mending = {
  readonly attempts: readonly Attempt[];
  /** Endpoints that are another instance now. */
  readonly renewed: readonly Name[];
  /** Checks whose failures only a person can put right; nothing else must be tried on their account. */
  readonly byHand: readonly CheckKey[];
};

/**
 * Applies mends, one after the other. What could not be carried out is an attempt that is not done; it does not throw.
 * @param mayGoOn asked between two of them: a release run may have begun since
 */
export async function applyMends(
  mends: readonly Mend[],
  means: Means,
  mayGoOn: () => Promise<boolean>,
): Promise<Mending> {
  const attempts: Attempt[] = [];
  const renewed: Name[] = [];
  const byHand: CheckKey[] = [];
  for (const [index, mend] of mends.entries()) {
    if (index > 0 && !(await mayGoOn())) break;
    means.progress({ kind: "phase", text: `${mend.target}: about to ${mend.intent}` });
    const result = await applyOne(mend, means);
    if (result === undefined) continue;
    attempts.push(attemptOf(mend, result));
    renewed.push(...result.renewed);
    if (result.byHand) byHand.push(...mend.cures);
  }
  return { attempts, renewed, byHand };
}

type Result = {
  readonly done: boolean;
  readonly action: Sentence;
  readonly renewed: readonly Name[];
  readonly byHand: boolean;
};

async function applyOne({ target, intent, apply }: Mend, means: Means): Promise<Result | undefined> {
  try {
    means.signal.throwIfAborted();
    const mended = await apply(AbortSignal.any([means.signal, AbortSignal.timeout(deadline)]));
    return mended === undefined ? undefined : { ...mended, done: true, byHand: false };
  } catch (error) {
    means.debug(String(error));
    const byHand = error instanceof ByHand;
    if (byHand) means.progress({ kind: "note", text: `${target}: ${error.advice}` });
    const action = byHand ? say`needs a person to ${intent}` : say`could not ${intent}`;
    return { action, renewed: [], done: false, byHand };
  }
}

function attemptOf({ target, intent, cures }: Mend, { done, action }: Result): Attempt {
  return { key: `${intent} ${target}`, target, actions: [action], done, cures, at: new Date() };
}
