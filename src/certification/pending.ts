// Creations that were cut off: what is there and proven ours is taken over, what is not there is forgotten.
import type { Pending } from "../engine/checkpoint.ts";
import { settleCreates } from "../engine/pending.ts";
import type { Inspection } from "../substrates/substrate.ts";
import type { Means } from "./subject.ts";

/** A disk may have to be moved, in ms. */
const deadline = 30 * 60_000;

/** Settles them all, or none, and gives those that were taken over; none where one can not be told apart from somebody else's. */
export async function settlePending(
  { inspection, stack }: { readonly inspection: Pick<Inspection, "claim">; readonly stack: string },
  means: Means,
  pending: readonly Pending[],
): Promise<readonly Pending[] | undefined> {
  try {
    const signal = AbortSignal.any([means.signal, AbortSignal.timeout(deadline)]);
    const claims = await Promise.all(
      pending.map(async (one) => ({ ...one, claimed: await inspection.claim(one, signal) })),
    );
    const ids = new Map<string, string>();
    for (const { urn, claimed } of claims) {
      if (claimed === undefined) return undefined;
      if (claimed.there) ids.set(urn, claimed.id);
    }
    await settleCreates(stack, ids, means);
    const names = pending.map(({ name }) => name).join(", ");
    means.progress({ kind: "note", text: `${stack}: creations that were cut off are settled: ${names}` });
    return pending.filter(({ urn }) => ids.has(urn));
  } catch (error) {
    means.debug(String(error));
    return undefined;
  }
}
