// Throws away the lock that a dead process has left on the stack under certification.
import { breakAbandoned } from "../engine/lock.ts";
import type { Asking } from "../pulumi/command.ts";
import type { Means } from "./subject.ts";

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
