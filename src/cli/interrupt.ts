// Ctrl-C: once ends the run in good order and still writes a manifest, twice leaves at once and says what that costs.

/** A run that a person, a supervisor or the clock can end. */
export type Interruptible = Disposable & {
  readonly signal: AbortSignal;
  /** One line on standard error. */
  readonly tell: (line: string) => void;
};

/** Listens for SIGINT and SIGTERM, and ends the run after so many milliseconds. */
export function interruptible(deadline: number, repairing: boolean): Interruptible {
  const controller = new AbortController();
  const tell = (line: string) => void process.stderr.write(`${line}\n`);
  const interrupt = () => {
    if (controller.signal.aborted) leave(tell, repairing);
    tell("interrupted: ending what has begun; a manifest will say blocked. Again to leave at once.");
    controller.abort(new Error("interrupted"));
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  return {
    signal: AbortSignal.any([controller.signal, AbortSignal.timeout(deadline)]),
    tell,
    [Symbol.dispose]: () => void process.off("SIGINT", interrupt).off("SIGTERM", interrupt),
  };
}

function leave(tell: (line: string) => void, repairing: boolean): never {
  tell(
    repairing
      ? "left at once: no manifest, and the repair may be half done with the stack locked; `pulumi cancel` unlocks it"
      : "left at once: no manifest was written, nothing was changed",
  );
  process.exit(130);
}
