// What a failed connection means: errors of sockets, of ssh2 and of aborts as reasons.
import { type Reason, Unreadable } from "../../check/unreadable.ts";

const byCode: Readonly<Record<string, Reason>> = { ECONNREFUSED: "refused", ETIMEDOUT: "timeout" };
/** ssh2's `level` of an error that it emits (ssh2 README, Client events). */
const byLevel: Readonly<Record<string, Reason>> = {
  "client-authentication": "key-refused",
  "client-timeout": "timeout",
  handshake: "unparsable",
  protocol: "unparsable",
};

/** Puts an error of a socket or of ssh2 into a reason; everything unknown is a lost connection. */
export function explain(error: unknown, doing: string): Unreadable {
  if (error instanceof Unreadable) return error;
  const reason = reasonBy("code", byCode, error) ?? reasonBy("level", byLevel, error) ?? "unreachable";
  return new Unreadable(reason, `${doing}: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
}

/** The same for what an ssh2 client emits before it is ready. */
export function explainHandshake(error: Error): Unreadable {
  const doing = "SSH handshake";
  // ssh2 gives it the level of a protocol error although nothing was said.
  if (/^Connection lost/.test(error.message)) return new Unreadable("unreachable", doing, { cause: error });
  // What its parser throws comes bare; sockets and disconnect messages have a code.
  const bare = !("level" in error) && !("code" in error);
  return bare ? new Unreadable("unparsable", doing, { cause: error }) : explain(error, doing);
}

/** The promise, or the abort of the signal as a reason: `timeout` for a deadline, else `cancelled`. */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal, doing: string): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(abortOf(signal, doing));
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  try {
    return await Promise.race([aborted, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function abortOf(signal: AbortSignal, doing: string): Unreadable {
  const cause: unknown = signal.reason;
  const late = cause instanceof Error && cause.name === "TimeoutError";
  return new Unreadable(late ? "timeout" : "cancelled", doing, { cause });
}

function reasonBy(
  key: "code" | "level",
  table: Readonly<Record<string, Reason>>,
  error: unknown,
): Reason | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const value: unknown = Reflect.get(error, key);
  return typeof value === "string" && Object.hasOwn(table, value) ? table[value] : undefined;
}
