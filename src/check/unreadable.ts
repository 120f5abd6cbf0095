// Why something could not be seen: a closed list of reasons, and the error that carries one.
import { blocked, type Outcome, type Sentence, say } from "./outcome.ts";

const words = {
  timeout: "no answer in time",
  refused: "connection refused",
  unreachable: "no route or connection lost",
  unauthorized: "credentials refused (401)",
  forbidden: "not permitted (403)",
  throttled: "throttled (429)",
  "server-error": "the far end failed (5xx)",
  unparsable: "the answer could not be understood",
  truncated: "the answer was cut short",
  untrusted: "the certificate does not lead to the configured authority",
  "key-refused": "the SSH key was refused",
  "no-expectation": "there is nothing to compare it with",
  "no-record": "no host key is recorded; certify once with --repair",
  engine: "the engine could not look",
  moved: "an update was under way meanwhile",
  checkpoint: "the stack's checkpoint is damaged; TROUBLESHOOTING.md says how to put it back",
  cancelled: "the run was cancelled",
  internal: "the check itself broke; the debug log says how",
} as const;

/** A reason why something could not be seen. */
export type Reason = keyof typeof words;

/**
 * Thrown by everything that reads a far end. The message and the cause may hold provider text:
 * they are for the debug log only, evidence gets {@link unseen}.
 */
export class Unreadable extends Error {
  override readonly name = "Unreadable";
  readonly reason: Reason;

  constructor(reason: Reason, detail: string, options?: ErrorOptions) {
    super(`${words[reason]}: ${detail}`, options);
    this.reason = reason;
  }
}

/**
 * The blocked outcome for an error thrown while observing.
 * @param from where one could not look from, where that is elsewhere
 */
export function unseen(error: unknown, from?: Sentence): Outcome {
  const reason: Reason = error instanceof Unreadable ? error.reason : "internal";
  return from === undefined
    ? blocked(say`could not look: ${words[reason]}`)
    : blocked(say`could not look from ${from}: ${words[reason]}`);
}
