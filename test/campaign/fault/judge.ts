// Judges what came of a case, by what the design says of fail and blocked and never by what the tool says of itself.
import type { Manifest } from "../../../src/manifest/model.ts";
import type { QualificationResult } from "../../../src/qualification/result.ts";
import type { Case } from "./cases.ts";
import { answersSince, type Line } from "./transcript.ts";

/** What is counted, and wanted to be none. */
export const figures = {
  "false pass": "passes that the healed world or the clock does not bear out",
  "wrong class":
    "a fail where nothing wrong could be seen, a blocked where it was, the product blamed, a crash",
  "lost evidence": "manifests and results that are lost, half-written or do not fit the exit code",
  hung: "commands that did not end in their deadline and grace",
  unusable: "stacks that the next `--repair` did not bring back, nor the documented way out",
  left: "processes, drafts and temporary files left behind",
} as const;
export type Figure = keyof typeof figures;

/** One thing that was not as wanted. */
export type Finding = { readonly figure: Figure; readonly what: string };

/** What stands where evidence was to be written. */
export type Evidence =
  | { readonly kind: "old" | "absent" | "half" }
  | { readonly kind: "manifest"; readonly manifest: Manifest }
  | { readonly kind: "result"; readonly result: QualificationResult };

/** How a command ended; no exit code where a signal ended it. */
export type End = { readonly exit: number | undefined; readonly evidence: Evidence };

/** What the next repair on the healed world came to. */
export type Next = {
  readonly came: "at once" | "at a later try" | "by the way out" | "never";
  /** What was seen to be wrong, or repaired: on a world that had been passed there is nothing. */
  readonly differed: readonly string[];
  /** Why it did not come to an end at once, where it did not. */
  readonly trouble: string;
};

/** All that was seen of one case. */
export type Seen = End & {
  /** Whether the phase was seen to begin. */
  readonly shown: boolean;
  /** Milliseconds from the command's beginning; none: the moment never came. */
  readonly deedAt: number | undefined;
  readonly lines: readonly Line[];
  readonly late: boolean;
  readonly rivals: readonly End[];
  readonly next: Next;
  /** True time of the command's end, in ms. */
  readonly endedAt: number;
  /** Milliseconds from its beginning to its end. */
  readonly lasted: number;
  /** What was left when everything should have been gone. */
  readonly left: readonly string[];
};

/** Keys of the checks that fail by the prepared drift alone. */
export type Known = ReadonlySet<string>;

/** Everything that was not as wanted. */
export function judge(one: Case, seen: Seen, known: Known): readonly Finding[] {
  const found = [
    ...(seen.late ? [finding("hung", "had to be killed")] : []),
    ...(seen.next.came === "never" ? [finding("unusable", seen.next.trouble)] : []),
    ...seen.left.map((what) => finding("left", what)),
    ...[seen, ...seen.rivals].flatMap((end) => judgeEnd(one, end, seen, known)),
  ];
  return seen.deedAt === undefined ? found : [...found, ...judgeShown(one, seen, seen.deedAt)];
}

function judgeEnd(one: Case, end: End, seen: Seen, known: Known): readonly Finding[] {
  const mayDie = uncaught(one.what, seen.lines);
  const { exit, evidence } = end;
  const found: Finding[] = [];
  if (evidence.kind === "half") found.push(finding("lost evidence", "half-written"));
  if (evidence.kind === "absent" && !mayBeAbsent(one, seen.lines))
    found.push(finding("lost evidence", "there is none"));
  if (!seen.late && !(mayDie && exit === undefined) && !usual(one).includes(exit))
    found.push(finding("wrong class", `ended with ${exit ?? "a signal"}: ${seen.lines.at(-1)?.text ?? ""}`));
  if (exit === 0 && !isPass(evidence)) found.push(finding("lost evidence", `exit 0 with ${evidence.kind}`));
  if (evidence.kind === "manifest" && exit !== undefined && exit < 3)
    if (!verdicts(one, evidence.manifest, seen).includes(exit))
      found.push(finding("lost evidence", `exit ${exit} with ${evidence.manifest.status}`));
  return [...found, ...judgePass(one, evidence, seen), ...judgeFails(one, evidence, known)];
}

/** Longer than a command takes from its verdict to its end, in ms. */
const farewell = 500;

/** What a manifest comes to by the time of day that its command saw last; either, where that changed in its last moment. */
function verdicts({ what }: Case, manifest: Manifest, { endedAt, lasted, deedAt }: Seen): readonly number[] {
  const ahead = what.kind === "clock" && deedAt !== undefined ? what.jump : 0;
  const last = lasted - (deedAt ?? 0) < farewell ? [0, ahead] : [ahead];
  return last.map((jump) => (holds(manifest, endedAt + jump) ? 0 : 1));
}

/** Whether it is a pass that has not expired. */
function holds({ status, expiresAt }: Manifest, at: number): boolean {
  return status === "pass" && Date.parse(expiresAt) > at;
}

/** Whether nobody can answer the signal. */
function uncaught(what: Case["what"], lines: readonly Line[]): boolean {
  if (what.kind !== "signal" || what.victim !== "certifier") return false;
  return what.signal === "SIGKILL" || unbegun(what, lines);
}

/** A command that is ended before it has said anything is still being loaded, and has begun nothing. */
function unbegun(what: Case["what"], lines: readonly Line[]): boolean {
  return what.kind === "signal" && what.victim === "certifier" && lines.length === 0;
}

/** Of a run that has not begun, or on a disk that nothing fits on, there can be no result, whose place was empty. */
function mayBeAbsent({ command, what }: Case, lines: readonly Line[]): boolean {
  return command === "smoke" && (what.kind === "disk" || unbegun(what, lines));
}

/** What the commands' own tables of exit codes know, but for wrong usage. */
function usual({ command }: Case): readonly unknown[] {
  return command === "smoke" ? [0, 1, 3, 4] : [0, 1, 3];
}

function isPass(evidence: Evidence): boolean {
  if (evidence.kind === "manifest") return evidence.manifest.status === "pass";
  return evidence.kind === "result" && evidence.result.status === "pass";
}

const day = 24 * 3_600_000;

function judgePass(
  { command, phase, what }: Case,
  evidence: Evidence,
  { next, endedAt, deedAt }: Seen,
): Finding[] {
  if (!isPass(evidence)) return [];
  const found = next.differed.map((line) => finding("false pass", `the healed world is not whole: ${line}`));
  // A qualification compares the whole substrate only after this.
  if (
    command === "smoke" &&
    ["begin", "freeze"].includes(phase) &&
    what.kind === "fault" &&
    deedAt !== undefined
  )
    found.push(finding("false pass", "qualified on what was broken before it was looked at"));
  if (evidence.kind === "manifest" && Date.parse(evidence.manifest.expiresAt) > endedAt + day + 5_000)
    found.push(finding("false pass", `valid until ${evidence.manifest.expiresAt}, longer than asked`));
  return found;
}

/** What only hides things can make nothing wrong that was not; and no disturbance is the product's fault. */
function judgeFails({ what }: Case, evidence: Evidence, known: Known): Finding[] {
  if (evidence.kind === "result" && evidence.result.classification === "product_failure")
    return [finding("wrong class", "the product is blamed")];
  if (evidence.kind !== "manifest" || (what.kind === "fault" && what.shows === "fail")) return [];
  const failed = evidence.manifest.checks.filter(({ result }) => result === "fail");
  return failed.flatMap(({ name, target, summary }) => {
    const key = target === undefined ? name : `${name}@${target}`;
    return known.has(key) ? [] : [finding("wrong class", `${key} fails: ${summary}`)];
  });
}

/** A check that began after its fault shows it, and as what it is. */
function judgeShown({ what, phase, drift }: Case, { lines }: Seen, deedAt: number): readonly Finding[] {
  if (what.kind !== "fault") return [];
  // The update that is under way may have switched on just what hung: that guest is made anew by it.
  if (what.mendable === true && phase === "up" && drift === "vm-deleted") return [];
  const { fresh, earlier } = answersSince(lines, what.check, deedAt);
  // A fault that only one target shows may be of one that was asked before.
  if (earlier > 0 || fresh.length === 0 || fresh.some(({ result }) => result === what.shows)) return [];
  if (fresh.some(({ summary }) => summary.includes("the run was cancelled"))) return [];
  const answers = fresh.map(({ key, result }) => `${key} is ${result}`).join(", ");
  const passed = fresh.every(({ result }) => result === "pass");
  return [finding(passed ? "false pass" : "wrong class", `wanted ${what.shows}: ${answers}`)];
}

function finding(figure: Figure, what: string): Finding {
  return { figure, what };
}
