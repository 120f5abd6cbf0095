// Checks for tests: named, ungated and patient unless said otherwise, and a runner that keeps what it was told.
import type { Answer, Check } from "../../src/check/check.ts";
import { type Outcome, pass, say } from "../../src/check/outcome.ts";
import { runChecks } from "../../src/check/run.ts";
import { name } from "../../src/environment/name.ts";
import type { HostKeys, Sight } from "../../src/substrates/substrate.ts";

/** A logical name. */
export const named = (text: string) => name.parse(text);

export const passed: Outcome = pass(say`seen`);

/** Host keys of which none is recorded, where every host is taken at its agent's word. */
export const believing: HostKeys = { recorded: () => undefined, note: () => undefined, met: () => undefined };

/** Where no flow leads anywhere else. */
export const nowhere: Sight["edge"] = ({ substrate, endpoint }) => {
  throw new TypeError(`nobody has opened ${substrate}/${endpoint}`);
};

/** A check that passes, but for what is said of it. */
export function checkOf(id: Check["id"], parts: Partial<Check> = {}): Check {
  return { id, after: [], deadline: 60_000, observe: async () => passed, ...parts };
}

/** Runs a plan and gives the answers with everything that was told on the way. */
export async function runPlan(checks: readonly Check[], signal: AbortSignal = new AbortController().signal) {
  const started: string[] = [];
  const told: { readonly answer: Answer; readonly error: unknown }[] = [];
  const answers = await runChecks(checks, {
    signal,
    onStart: ({ id }) => started.push(id),
    onAnswer: (answer, error) => told.push({ answer, error }),
  });
  return { answers, started, told, outcomes: answers.map(({ result, summary }) => `${result}: ${summary}`) };
}
