// When a cloud is believed that something is not there.
import { poll } from "../../check/poll.ts";

/**
 * Asks for one thing; none where there was none twice: what was made a moment ago may not be seen everywhere yet.
 * @param ask none where the far end says that there is nothing; throws `Unreadable`
 */
export async function findTwice<T>(
  ask: () => Promise<{ readonly found: T } | undefined>,
  signal: AbortSignal,
): Promise<T | undefined> {
  let missed = 0;
  const attempt = async () => {
    const answer = await ask();
    if (answer !== undefined) return answer;
    missed += 1;
    return missed < 2 ? undefined : { found: undefined };
  };
  return (await poll(attempt, { first: 500, most: 500 }, signal)).value.found;
}
