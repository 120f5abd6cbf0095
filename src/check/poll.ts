// Asks again with growing pauses until there is an answer worth having.
import { setTimeout as pause } from "node:timers/promises";
import { type Reason, Unreadable } from "./unreadable.ts";

/** Pauses between tries, in ms: from `first`, doubled each time up to `most`, with a fifth of jitter. */
export type Backoff = { readonly first: number; readonly most: number };

/**
 * Calls `attempt` until it gives something other than undefined, and says how many tries it took.
 * @throws what `attempt` throws, or the signal's reason when it aborts in a pause
 */
export async function poll<T>(
  attempt: () => Promise<T | undefined>,
  backoff: Backoff,
  signal: AbortSignal,
): Promise<{ readonly value: T; readonly tries: number }> {
  for (let tries = 1, wait = backoff.first; ; tries += 1, wait = Math.min(wait * 2, backoff.most)) {
    const value = await attempt();
    if (value !== undefined) return { value, tries };
    const jittered = wait * (0.9 + Math.random() * 0.2);
    await pause(jittered, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** For what reason to ask again, and how often in all. */
type Persistence = Backoff & { readonly passing: Reason; readonly tries: number };

/** Asks a few times for as long as it fails for a reason that may pass by itself. @throws as {@link poll} */
export async function persist<T>(
  ask: () => Promise<T>,
  { passing, tries, ...backoff }: Persistence,
  signal: AbortSignal,
): Promise<T> {
  let left = tries;
  const attempt = async () => {
    left -= 1;
    try {
      return { answer: await ask() };
    } catch (error) {
      if (error instanceof Unreadable && error.reason === passing && left > 0) return undefined;
      throw error;
    }
  };
  return (await poll(attempt, backoff, signal)).value.answer;
}
