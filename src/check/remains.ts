// Whether anything is left of what was taken away: asked until nothing was, twice in a row, or until patience ends.
import { fail, list, type Outcome, pass, type Sentence, say } from "./outcome.ts";
import { poll } from "./poll.ts";

/**
 * Passes where nothing was left in two answers in a row, fails with what was left in the last one.
 * @param ask what is left, in sentences; throws where that can not be told, for nothing unread is nothing
 * @param patience milliseconds in which what is still going may go
 */
export async function judgeRemains(
  ask: (signal: AbortSignal) => Promise<readonly Sentence[]>,
  patience: number,
  signal: AbortSignal,
): Promise<Outcome> {
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
