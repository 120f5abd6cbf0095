// Worlds side by side, which end together.

/** Runs so many at once; where one fails the others are ended, and all have ended before it throws. */
export async function sideBySide(
  many: number,
  signal: AbortSignal,
  run: (index: number, ending: AbortSignal) => Promise<void>,
): Promise<void> {
  const failing = new AbortController();
  const ending = AbortSignal.any([signal, failing.signal]);
  const all = Array.from({ length: many }, async (_, index) => {
    await run(index, ending).catch((error: unknown) => {
      failing.abort(error);
      throw error;
    });
  });
  await Promise.allSettled(all);
  ending.throwIfAborted();
}
