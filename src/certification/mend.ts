// Carries out mends: one after the other, for they may touch the same machine.
import { type Sentence, say } from "../check/outcome.ts";
import type { Name } from "../environment/name.ts";
import type { Mend } from "../substrates/substrate.ts";
import type { Attempt } from "./repair.ts";
import type { Means } from "./subject.ts";

/** Longer than any node takes to apply its network or a guest to restart, in ms. */
const deadline = 180_000;

/** What mending came to; a mend that had nothing to do after all is no attempt. */
export type Mending = {
  readonly attempts: readonly Attempt[];
  /** Endpoints that are another instance now. */
  readonly renewed: readonly Name[];
};

/** Applies mends. What could not be carried out is an attempt that is not done; it does not throw. */
export async function applyMends(mends: readonly Mend[], means: Means): Promise<Mending> {
  const attempts: Attempt[] = [];
  const renewed: Name[] = [];
  for (const mend of mends) {
    means.progress({ kind: "phase", text: `${mend.target}: about to ${mend.intent}` });
    const mended = await applyOne(mend, means);
    if (mended !== undefined) attempts.push(attemptOf(mend, mended));
    renewed.push(...(mended?.renewed ?? []));
  }
  return { attempts, renewed };
}

type Result = { readonly done: boolean; readonly action: Sentence; readonly renewed: readonly Name[] };

async function applyOne({ apply, intent }: Mend, { signal, debug }: Means): Promise<Result | undefined> {
  try {
    signal.throwIfAborted();
    const mended = await apply(AbortSignal.any([signal, AbortSignal.timeout(deadline)]));
    return mended === undefined ? undefined : { ...mended, done: true };
  } catch (error) {
    debug(String(error));
    return { action: say`could not ${intent}`, renewed: [], done: false };
  }
}

function attemptOf({ target, intent, cures }: Mend, { done, action }: Result): Attempt {
  return { urn: `${intent} ${target}`, target, actions: [action], done, cures, at: new Date() };
}
