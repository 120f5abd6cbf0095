// The plan of a substrate, made without looking at anything: what certifying would check.
import type { Check } from "../check/check.ts";
import { Unreadable } from "../check/unreadable.ts";
import type { Inspection, Sight } from "../substrates/substrate.ts";

/** The checks that certifying would run, but for the drift. None of these could be run: they see nothing. */
export async function planBlindly(inspection: Pick<Inspection, "plan">): Promise<readonly Check[]> {
  await using closing = new AsyncDisposableStack();
  return inspection.plan({ ...blind, closing });
}

const unseen = (): never => {
  throw new Unreadable("engine", "nothing is looked at");
};

const blind: Omit<Sight, "closing"> = {
  invoke: async () => unseen(),
  run: undefined,
  repair: false,
  hostKeys: { recorded: unseen, note: unseen, met: unseen },
  edge: unseen,
  idOf: unseen,
  debug: () => undefined,
};
