// The debug log: the only place that raw text of engine and far ends goes to, for its owner's eyes alone.
import { closeSync, constants, fchmodSync, fstatSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { Problem } from "../environment/problem.ts";

const warning =
  "PRIVATE: raw text of the engine, providers and guests, with addresses and perhaps secrets. Do not publish.";

/** Takes lines; without a file they go nowhere. */
export type DebugLog = Disposable & { readonly write: (line: string) => void };

/** Opens the log with mode 0600. Throws `Problem` where it can not be written. */
export function openDebugLog(file: string | undefined): DebugLog {
  if (file === undefined) return { write: () => undefined, [Symbol.dispose]: () => undefined };
  const log = open(file);
  let closed = false;
  const write = (line: string) => {
    // A child's last words may come late, and the descriptor be another file's by then.
    if (!closed) writeSync(log, `${new Date().toISOString()} ${line.trimEnd()}\n`);
  };
  write(warning);
  const close = () => {
    closed = true;
    closeSync(log);
  };
  return { write, [Symbol.dispose]: close };
}

function open(file: string): number {
  try {
    const log = openSync(file, constants.O_WRONLY | constants.O_CREAT | constants.O_NONBLOCK, 0o600);
    if (!fstatSync(log).isFile()) throw new TypeError("not a file");
    // An existing file keeps its mode when it is opened; nothing private may be in it before.
    fchmodSync(log, 0o600);
    ftruncateSync(log);
    return log;
  } catch (cause) {
    throw new Problem(
      { subject: `--debug-log ${file}`, expected: "a file that can be written", remedy: "name another file" },
      { cause },
    );
  }
}
