// Whether anything is left of what was taken away: asked until nothing was, twice in a row, or until patience ends.
import type { Check } from "./check.ts";
import type { CheckId } from "./key.ts";
import { fail, list, type Outcome, pass, type Sentence, say } from "./outcome.ts";
import { poll } from "./poll.ts";

/** What a substrate's check is called, the last gate before it, and how it looks. */
type Gone = {
  readonly id: CheckId;
  readonly gate: CheckId;
  /** What is left, in sentences. Throws where that can not be told, for nothing unread is nothing. */
  readonly ask: (signal: AbortSignal) => Promise<readonly Sentence[]>;
};

/**
 * Passes where nothing was left in two answers in a row, fails with what was left in the last one.
 * @param patience milliseconds in which what is still going may go
 */
export function goneCheck({ id, gate, ask }: Gone, patience: number): Check {
  return {
    id,
    after: [gate],
    deadline: patience + 120_000,
    observe: (signal) => judgeRemains(ask, patience, signal),
  };
}

async function judgeRemains(ask: Gone["ask"], patience: number, signal: AbortSignal): Promise<Outcome> {
  const end = performance.now() + patience;
  let nothings = 0;
  const attempt = async (): Promise<Outcome | undefined> => {
    const left = await ask(signal);
    nothings = left.length === 0 ? nothings + 1 : 0;
    if (nothings === 2) return pass(say`nothing of the run is left`);
    return left.length > 0 && performance.now() >= end ? fail(list(left, "; ")) : undefined;
  };
  return (await poll(attempt, { first: 500, most: 10_000 }, signal)).value;
}
