// A repair that a release run's freeze refuses: nothing is looked at or changed, and the manifest says so.
import type { Answer } from "../check/check.ts";
import { blocked, type Sentence, say } from "../check/outcome.ts";
import { Unreadable } from "../check/unreadable.ts";
import type { Problem } from "../environment/problem.ts";
import { parseStack } from "../environment/stack.ts";
import { freezeOf, heldBy, unknownHold } from "../freeze.ts";
import type { Manifest } from "../manifest/model.ts";
import { planBlindly } from "./blind.ts";
import { driftCheck } from "./drift.ts";
import { type Evidence, manifestOf } from "./evidence.ts";
import { openSubject } from "./open.ts";
import type { Request } from "./request.ts";
import type { Means, Subject } from "./subject.ts";
import { substrateVersions, toolVersions } from "./versions.ts";

/** Why nothing may be changed in an environment, for people and for evidence. */
export type Hold = { readonly problem: Problem; readonly reason: Sentence };

/** Why a repair must not begin now; none where nothing is in the way. */
export async function holdOn(
  environment: string,
  means: Means,
  intent: "repair" | "teardown" = "repair",
): Promise<Hold | undefined> {
  const subject = `${intent} of ${environment}`;
  const words = { repair: "not repaired", teardown: "not destroyed" } as const;
  try {
    const freeze = await freezeOf(environment, means);
    if (freeze === undefined) return undefined;
    const reason = say`${words[intent]}: a release run holds the environment still`;
    return { problem: heldBy(freeze, environment, subject), reason };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    // Of a run that was cancelled nothing is repaired anyway.
    if (means.signal.aborted) return undefined;
    means.debug(String(error));
    const reason = say`${words[intent]}: it can not be told whether a release run holds the environment still`;
    return { problem: unknownHold(environment, subject, error), reason };
  }
}

/** Whether the next round of a repair must not begin; a person is told why. */
export async function isHeld({ stack }: Pick<Subject, "stack">, means: Means): Promise<boolean> {
  const hold = await holdOn(parseStack(stack).environment, means);
  if (hold !== undefined) means.progress({ kind: "note", text: hold.problem.message });
  return hold !== undefined;
}

/** The manifest of a repair that was refused: every check is blocked for this reason. Throws `Problem` as certifying does. */
export async function refusedManifest(request: Request, means: Means, { reason }: Hold): Promise<Manifest> {
  const startedAt = new Date();
  const tools = await toolVersions(means.project);
  const found = await Promise.all(
    request.substrates.map(async (substrate): Promise<Evidence> => {
      const subject = await openSubject(request, substrate, means);
      const plan = [
        ...(await planBlindly(subject.inspection)),
        driftCheck(substrate.name, [], async () => undefined),
      ];
      const answers = plan.map((check): Answer => ({ ...blocked(reason), check, at: new Date() }));
      const { project } = means;
      const { source } = tools;
      const versions = await substrateVersions(subject, undefined, { project, source });
      return { substrate, answers, repairs: [], versions };
    }),
  );
  return manifestOf(request, found, { startedAt, finishedAt: new Date(), tools });
}
