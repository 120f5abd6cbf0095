// What is known of a running certification, and the lines that show it.
import type { Progress } from "../certification/progress.ts";
import type { Result } from "../check/outcome.ts";
import { showDuration } from "../environment/duration.ts";
import type { Line } from "./terminal.ts";

const styles = { pass: "green", fail: "red", blocked: "yellow", skipped: "dim" } as const;

/** One event as one line: a word for what happened, what it happened to, and how it went. */
export function lineOf(event: Progress): Line {
  const line = (word: string, text: string) => `${word.padEnd(8)} ${text}`.replaceAll(/\p{Cc}+/gu, " ");
  switch (event.kind) {
    case "phase":
      return { text: line("phase", event.text), style: "bold" };
    case "started":
      return { text: line("start", keyOf(event)) };
    case "answered":
      return {
        text: line(event.result, `${keyOf(event)}: ${event.summary} (${showDuration(event.ms)})`),
        style: styles[event.result],
      };
    case "repaired":
      return {
        text: line("repair", `${event.target}: ${event.action} — ${event.result}`),
        style: styles[event.result],
      };
    case "note":
      return { text: line("note", event.text), style: "dim" };
  }
}

/** Folds checks that went well into counts; remembers the latest answer of each, for a repair has all asked again. */
export class Board {
  readonly #began: number;
  readonly #verbose: boolean;
  readonly #running = new Map<string, number>();
  readonly #results = new Map<string, Result>();

  /**
   * @param now milliseconds of a clock that only goes forward, as for all `now`
   * @param verbose whether what goes well stays visible too
   */
  constructor(now: number, verbose: boolean) {
    this.#began = now;
    this.#verbose = verbose;
  }

  /** Takes an event in. Gives back its line where it must stay visible: whatever is not a beginning or going well as before. */
  take(event: Progress, now: number): Line | undefined {
    if (event.kind === "started") {
      this.#running.set(keyOf(event), now);
      return undefined;
    }
    if (event.kind !== "answered") return lineOf(event);
    const before = this.#results.get(keyOf(event));
    this.#running.delete(keyOf(event));
    this.#results.set(keyOf(event), event.result);
    const recovered = event.result === "pass" && (before === "fail" || before === "blocked");
    // What stands behind a closed gate tells nothing that the gate's own line does not; the counts have it.
    const wrong = (event.result === "fail" || event.result === "blocked") && !event.gated;
    return wrong || recovered || this.#verbose ? lineOf(event) : undefined;
  }

  /** The checks that run, longest first, and the counts below them; at most so many lines, and at least the counts. */
  lines(now: number, most: number): readonly Line[] {
    const running = [...this.#running].map(([key, since]) => ({ key, elapsed: showDuration(now - since) }));
    const room = Math.max(0, most - 1);
    const shown = running.length <= room ? running : running.slice(0, Math.max(0, room - 1));
    const width = Math.max(0, ...shown.map(({ key }) => key.length));
    const hidden = running.length - shown.length;
    return [
      ...shown.map(({ key, elapsed }): Line => ({ text: `  ${key.padEnd(width)}  ${elapsed}` })),
      ...(hidden > 0 && room > 0 ? [{ text: `  … and ${hidden} more`, style: "dim" } as const] : []),
      { text: this.#counts(now), style: "bold" },
    ];
  }

  #counts(now: number): string {
    const results = [...this.#results.values()];
    const count = (result: Result) => results.filter((each) => each === result).length;
    const parts = [
      `${count("pass")} passed`,
      ...some(count("fail"), "failed"),
      ...some(count("blocked"), "blocked"),
      ...some(count("skipped"), "skipped"),
      ...some(this.#running.size, "running"),
    ];
    return `${parts.join(", ")} · ${showDuration(now - this.#began)}`;
  }
}

function keyOf({ check, target }: { readonly check: string; readonly target?: string | undefined }): string {
  const key = target === undefined ? check : `${check}@${target}`;
  return key.replaceAll(/\p{Cc}+/gu, " ");
}

function some(count: number, word: string): string[] {
  return count === 0 ? [] : [`${count} ${word}`];
}
