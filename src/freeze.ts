// The freeze: whether a release run holds an environment still. The program, the policies and all commands ask here.
import { z } from "zod";
import { Unreadable } from "./check/unreadable.ts";
import { Problem } from "./environment/problem.ts";
import { ledgerOf } from "./environment/stack.ts";
import { quoted } from "./environment/visible.ts";
import { instant, msOf } from "./manifest/instant.ts";
import { type Asking, wayOut } from "./pulumi/command.ts";
import { readOutputs } from "./pulumi/outputs.ts";

/** A freeze as the ledger has it. */
const freeze = z.object({
  /** The release run that holds the environment still; nobody else's freeze can take its place. */
  runId: z.string().min(1),
  /** The release that is being qualified: a version or commit. */
  release: z.string().min(1),
  since: instant,
  /** When it ends by itself. */
  until: instant,
});

/** A parsed freeze. */
export type Freeze = z.infer<typeof freeze>;

/** What a run gives its freeze back with: where another's has taken its place meanwhile, that stays. */
export const givenBack = z.strictObject({ releasedBy: z.string().min(1) });

/** A parsed one. */
export type GivenBack = z.infer<typeof givenBack>;

/** What of a ledger's outputs is about freezing; none that ever was, or one that was released, is null. */
export const frozen = z.object({ freeze: freeze.nullable().default(null) });

/** The freeze that holds at some time; one that is past its end does not. */
export function inForce(entry: Freeze | null, now: Date): Freeze | undefined {
  return entry !== null && now.getTime() < msOf(entry.until) ? entry : undefined;
}

/**
 * The freeze that is in force in an environment now; no ledger is no freeze.
 * @throws Unreadable where that can not be told: then nothing may be updated
 */
export async function freezeOf(environment: string, asking: Asking): Promise<Freeze | undefined> {
  return inForce(await recordedFreeze(environment, asking), new Date());
}

/** The freeze that the ledger has, also one that is past its end. Throws `Unreadable`. */
export async function recordedFreeze(environment: string, asking: Asking): Promise<Freeze | null> {
  const parsed = frozen.safeParse((await readOutputs(ledgerOf(environment), asking)) ?? {});
  if (parsed.success) return parsed.data.freeze;
  throw new Unreadable("unparsable", "the ledger's freeze", { cause: parsed.error });
}

/** Why something must wait: it names the run and its end. */
export function heldBy(freeze: Freeze, environment: string, subject: string): Problem {
  return new Problem({
    subject,
    expected: `no release run in ${environment}`,
    actual: `a freeze by ${sayFreeze(freeze)} until ${freeze.until}`,
    remedy: "wait for its end; nothing may change until then",
  });
}

/** Why something must wait where nobody can tell whether there is a freeze, for this reason. */
export function unknownHold(environment: string, subject: string, error: Unreadable): Problem {
  const expected = `an answer whether a release run holds ${environment}`;
  return new Problem({ subject, expected, actual: "none", remedy: wayOut(error, ledgerOf(environment)) });
}

/** `qual-1 for release v1.2.3`; whoever can write to the backend may have put anything there. */
export function sayFreeze({ runId, release }: Freeze): string {
  return `${quoted(runId)} for release ${quoted(release)}`;
}
