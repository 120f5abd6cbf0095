// Asks again with growing pauses until there is an answer worth having.
import { setTimeout as pause } from "node:timers/promises";

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
