// Locks on the stack under certification: who holds one is told to people, evidence gets only since when.
import { breakAbandoned, holderOf, isAbandoned, Locked, lockOf } from "../engine/lock.ts";
import type { Asking } from "../pulumi/command.ts";
import type { Files } from "../pulumi/files.ts";
import type { Means } from "./subject.ts";

/**
 * A preview does not look at locks: during somebody's update it shows half a stack.
 * @throws Locked where an update is under way, or died on the way
 */
export async function refuseLocked(stack: string, files: Files | undefined, means: Means): Promise<void> {
  const lock = await lockOf(files);
  if (lock === undefined) return;
  const gone = isAbandoned(lock) ? "; that process is gone, and --repair removes its lock" : "";
  means.progress({ kind: "note", text: `${stack} is locked by ${holderOf(lock)}${gone}` });
  throw new Locked(lock);
}

/** A lock whose holder was a process of this machine and is no more: nobody else can ever release it. */
export async function clearAbandonedLock(
  stack: string,
  means: Asking & Pick<Means, "progress">,
): Promise<void> {
  const found = await breakAbandoned(stack, means);
  if (found === undefined) return;
  const { what, broken } = found;
  const outcome = broken ? "removed" : "could not be removed; try `pulumi cancel`";
  means.progress({ kind: "note", text: `${stack}: ${what}: ${outcome}` });
}
