// Ctrl-C: once ends a command in good order, twice leaves at once and says what that costs.

/** Exit code of a command that was interrupted, as shells give it for SIGINT. */
export const interruptedCode = 130;

/** Why everything that waits was told to stop waiting. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** A command that a person, a supervisor or the clock can end. */
export type Interruptible = Disposable & { readonly signal: AbortSignal };

/** What is at stake, and who is told. */
export type Stakes = {
  /** Milliseconds after which the command ends by itself. */
  readonly deadline: number;
  /** What it costs to leave at once. */
  readonly cost: string;
  readonly tell: (line: string) => void;
};

/** Listens for SIGINT and SIGTERM. Once it is over, what comes too late to change anything does not take the exit code away. */
export function interruptible({ deadline, cost, tell }: Stakes): Interruptible {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) leave(cost);
    tell("interrupted: ending what has begun; interrupt again to leave at once");
    controller.abort(new Interrupted("interrupted"));
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  return {
    signal: AbortSignal.any([controller.signal, AbortSignal.timeout(deadline)]),
    [Symbol.dispose]: () => {
      for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, tooLate).off(signal, interrupt);
      // Left to end by itself, Node stops listening while it clears up, some milliseconds before it has gone.
      process.once("beforeExit", () => process.exit());
    },
  };
}

/** Nothing is left to be ended; a second one ends the process as if nobody listened. */
function tooLate(): void {
  // The exit code tells what it came to.
}

/** Past all order: straight to standard error, whatever is on the screen. */
function leave(cost: string): never {
  process.stderr.write(`\nleft at once: ${cost}\n`);
  process.exit(interruptedCode);
}
