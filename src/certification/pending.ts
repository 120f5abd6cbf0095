// Creations that were cut off: what is there and proven ours is taken over, what is not there is forgotten.
import { Unreadable } from "../check/unreadable.ts";
import type { Pending } from "../engine/checkpoint.ts";
import { command } from "../pulumi/command.ts";
import type { OpenSubstrate } from "../substrates/substrate.ts";
import type { Means } from "./subject.ts";

/** As long as an update may take, in ms: a disk may have to be moved, and a refresh that is killed leaves the stack locked. */
const deadline = 30 * 60_000;

/** Settles them all, or none: false where one of them can not be told apart from somebody else's. */
export async function settlePending(
  { open, stack }: { readonly open: Pick<OpenSubstrate, "claim">; readonly stack: string },
  means: Means,
  pending: readonly Pending[],
): Promise<boolean> {
  try {
    const signal = AbortSignal.any([means.signal, AbortSignal.timeout(deadline)]);
    const claims = await Promise.all(
      pending.map(async (one) => ({ ...one, claimed: await open.claim(one, signal) })),
    );
    if (claims.some(({ claimed }) => claimed === undefined)) return false;
    const ids = claims.flatMap(({ urn, claimed }) => (claimed?.there === true ? [urn, claimed.id] : []));
    const imports = ids.flatMap((word) => ["--import-pending-creates", word]);
    if (imports.length > 0) await refresh(stack, imports, means);
    if (claims.some(({ claimed }) => claimed?.there === false))
      await refresh(stack, ["--clear-pending-creates"], means);
    const names = pending.map(({ name }) => name).join(", ");
    means.progress({ kind: "note", text: `${stack}: creations that were cut off are settled: ${names}` });
    return true;
  } catch (error) {
    means.debug(String(error));
    return false;
  }
}

async function refresh(stack: string, how: readonly string[], means: Means): Promise<void> {
  const args = ["refresh", "--yes", "--skip-preview", "--non-interactive", "--stack", stack, ...how];
  const { exitCode, stdout, stderr } = await command(args, { ...means, timeout: deadline });
  means.debug(stdout);
  if (exitCode !== 0) throw new Unreadable("engine", stderr);
}
