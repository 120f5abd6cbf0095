// Ctrl-C: once ends the run in good order and still writes a manifest, twice leaves at once and says what that costs.

/** A run that a person, a supervisor or the clock can end. */
export type Interruptible = Disposable & { readonly signal: AbortSignal };

/** What is at stake, and who is told. */
export type Stakes = {
  /** Milliseconds after which the run ends by itself. */
  readonly deadline: number;
  /** Whether something may be half done. */
  readonly repairing: boolean;
  readonly tell: (line: string) => void;
};

/** The reason of the signal when it was a person or a supervisor. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** Listens for SIGINT and SIGTERM. */
export function interruptible({ deadline, repairing, tell }: Stakes): Interruptible {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) leave(repairing);
    tell("interrupted: ending what has begun; a manifest will say blocked. Again to leave at once.");
    controller.abort(new Interrupted("interrupted before it was done"));
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  return {
    signal: AbortSignal.any([controller.signal, AbortSignal.timeout(deadline)]),
    [Symbol.dispose]: () => void process.off("SIGINT", interrupt).off("SIGTERM", interrupt),
  };
}

/** Past all order: straight to standard error, whatever is on the screen. */
function leave(repairing: boolean): never {
  process.stderr.write(
    repairing
      ? "\nleft at once: no manifest, and the repair may be half done with the stack locked; `pulumi cancel` unlocks it\n"
      : "\nleft at once: no manifest was written, nothing was changed\n",
  );
  process.exit(130);
}
