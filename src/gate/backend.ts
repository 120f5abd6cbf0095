// What the backend knows: how stacks are now, and which certification is the current one.
import { Unreadable } from "../check/unreadable.ts";
import { ledgerOf, stackOf } from "../environment/stack.ts";
import { quoted } from "../environment/visible.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { wayOut } from "../pulumi/command.ts";
import type { Refusal } from "./refusal.ts";
import type { Certified } from "./request.ts";

/** A stack's state digest; none where there is no such stack. */
export type State = string | undefined;

/** Everything that is asked of the backend; what it did not answer is unreadable. */
export type Backend = {
  readonly ledger: Ledger | Unreadable;
  readonly states: ReadonlyMap<string, State | Unreadable>;
};

/** Refuses every provider that was asked about and whose stack is not as it was when it was certified. */
export function judgeStates(
  { source, manifest }: Certified,
  environment: string,
  { states }: Pick<Backend, "states">,
): readonly Refusal[] {
  return manifest.providers.flatMap((substrate): Refusal[] => {
    if (!states.has(substrate)) return [];
    const stack = stackOf({ environment, substrate });
    const subject = `state of ${stack}`;
    const state = states.get(substrate);
    if (state instanceof Unreadable) return [unanswered({ code: "state", subject }, state, stack)];
    if (state !== undefined && state === manifest.toolVersions?.[`state/${substrate}`]) return [];
    const actual = state === undefined ? "no such stack" : "another: it was changed since";
    const expected = `what ${source} was issued for`;
    return [{ code: "state", subject, expected, actual, remedy: "certify again" }];
  });
}

/** Refuses a manifest that is not, to the byte, the one that the ledger holds for a provider; no entry is no objection. */
export function judgeLedger(
  certified: readonly Certified[],
  environment: string,
  { ledger }: Pick<Backend, "ledger">,
): readonly Refusal[] {
  if (ledger instanceof Unreadable)
    return [unanswered({ code: "ledger", subject: "the ledger" }, ledger, ledgerOf(environment))];
  const about = certified.flatMap((one) => one.manifest.providers.map((provider) => ({ ...one, provider })));
  return about.flatMap(({ source, manifest, sha256, provider }): Refusal[] => {
    const entry = ledger.certifications[provider];
    if (entry === undefined || entry.sha256 === sha256) return [];
    const renamed = entry.manifestId !== manifest.manifestId;
    return [
      {
        code: "ledger",
        subject: `the ledger's certification of ${provider}`,
        expected: `the very bytes of ${source}`,
        actual: renamed ? quoted(entry.manifestId) : "other bytes under the same manifestId",
        remedy: "use `--certification ledger`, or certify with --publish",
      },
    ];
  });
}

function unanswered(about: Pick<Refusal, "code" | "subject">, error: Unreadable, stack: string): Refusal {
  const remedy = `${wayOut(error, stack)}, or ask with --offline`;
  return { ...about, unseen: true, expected: "an answer of the backend", actual: "none", remedy };
}
