// `npm run campaign -- fault`: has everything go wrong at every moment, and counts what this tool does not withstand.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { interruptible } from "../../src/cli/interrupt.ts";
import { print } from "../../src/cli/labs.ts";
import { prepared } from "../../src/lab/lab.ts";
import { substrateNames } from "../../src/substrates/index.ts";
import { campaignOf, counted } from "./contract.ts";
import { type Case, everyCase, kinds, nameOf, sampled, sooner } from "./fault/cases.ts";
import { hasDisk, onOwnDisks } from "./fault/disk.ts";
import { Ground } from "./fault/ground.ts";
import { type Finding, judge } from "./fault/judge.ts";
import { type Outcome, summaryOf, tableOf } from "./fault/report.ts";
import { tryCase } from "./fault/trial.ts";
import { sideBySide } from "./sidebyside.ts";

const command = {
  name: "npm run campaign -- fault",
  summary: "Breaks far ends, kills processes, fills disks and moves clocks, in every phase of every command.",
  flags: {
    sample: counted("40", "how many of all cases"),
    seed: counted("20261128", "what chance begins with"),
    from: counted("1", "with which of each far end's to begin, where an earlier run was ended"),
    worlds: counted("2", "far ends side by side, each in a lab of its own"),
    substrate: {
      kind: "value",
      shown: "<name>",
      parse: z.enum(substrateNames),
      help: "only at this far end",
    },
    only: { kind: "value", shown: "<kind>", parse: z.enum(kinds), help: `only ${kinds.join(", ")}` },
    named: {
      kind: "value",
      shown: "<text>",
      parse: z.string().min(1),
      help: "of these, only cases whose names contain this",
    },
    list: { kind: "boolean", help: "say what would be tried, and try nothing" },
    json: { kind: "boolean", help: "print the figures and all findings as JSON" },
    findings: {
      kind: "value",
      shown: "<file>",
      parse: z.string().min(1),
      default: "fault-findings.json",
      help: "where to write what was found, with all that was said; nothing is written where that is nothing",
    },
  },
} as const;

export const campaign = campaignOf(command, async (asked) => {
  const { named = "" } = asked;
  const cases = sampled(await casesOf(asked), asked).filter((one) => nameOf(one).includes(named));
  if (asked.list) return listed(cases);
  using interrupt = interruptible({
    deadline: 24 * 3_600_000,
    cost: "a lab may be left; `npm run lab -- down` with its SUBSTRATE_LAB ends it",
    tell: (line) => process.stderr.write(`${line}\n`),
  });
  if (!hasDisk && cases.some(needsDisk)) {
    const folder = await mkdtemp(join(tmpdir(), "campaign-"));
    const exit = await onOwnDisks(folder, substrateNames, interrupt.signal);
    await rm(folder, { recursive: true, force: true });
    if (exit !== undefined) return exit;
  }
  const say = asked.json ? (line: string) => process.stderr.write(`${line}\n`) : print;
  const outcomes: Outcome[] = [];
  const wrong = () => outcomes.filter(({ findings }) => findings.length > 0);
  try {
    await tryAll(cases, asked, { say, signal: interrupt.signal, outcomes });
  } finally {
    // Whatever ended it early, what was found until then is told.
    say(tableOf(outcomes));
    if (asked.json) print(JSON.stringify(summaryOf(outcomes, asked), undefined, 2));
    if (wrong().length > 0) await writeFile(resolve(asked.findings), JSON.stringify(wrong(), undefined, 2));
  }
  return wrong().length === 0 && outcomes.length > 0 ? 0 : 1;
});

type Asked = { readonly substrate?: string | undefined; readonly only?: string | undefined };

async function casesOf({ substrate, only }: Asked) {
  const { faults } = await prepared(substrateNames);
  const farEnds = substrateNames.map((name) => ({
    substrate: name,
    faults: faults.filter((fault) => fault.substrate === name),
  }));
  return everyCase(farEnds).filter(
    (one) => (substrate ?? one.substrate) === one.substrate && (only ?? one.what.kind) === one.what.kind,
  );
}

function listed(cases: readonly Case[]): number {
  for (const one of cases) print(nameOf(one));
  return 0;
}

function needsDisk({ what }: Case): boolean {
  return what.kind === "disk" && what.state !== "cut";
}

type Course = {
  readonly say: (line: string) => unknown;
  readonly signal: AbortSignal;
  /** What came of each case so far. */
  readonly outcomes: Outcome[];
};

/** Far ends side by side. */
async function tryAll(
  cases: readonly Case[],
  { worlds, from }: { readonly worlds: number; readonly from: number },
  { say, signal, outcomes }: Course,
): Promise<void> {
  const waiting = [...Map.groupBy(cases, (one) => one.substrate)];
  await sideBySide(worlds, signal, async (_index, ending) => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [substrate, own] = next;
      say(`${substrate}: ${own.length} cases, from ${from} on`);
      await tryOn(substrate, own, from, { say, signal: ending, outcomes });
    }
  });
}

async function tryOn(
  substrate: string,
  cases: readonly Case[],
  from: number,
  { say, signal, outcomes }: Course,
): Promise<void> {
  let ground: Ground | undefined;
  try {
    for (const [index, one] of [...cases.entries()].slice(from - 1)) {
      signal.throwIfAborted();
      if (needsDisk(one) && !hasDisk) {
        say(`skipped   ${nameOf(one)}: this machine lets nobody mount`);
        continue;
      }
      ground ??= await Ground.open(substrate);
      const outcome = await tryInTime(ground, one, signal);
      outcomes.push(outcome);
      say(lineOf(outcome, index + 1));
      if (outcome.seen.next.came !== "never") continue;
      // What could not be brought back must not be held against the next case.
      await ground[Symbol.asyncDispose]();
      ground = undefined;
    }
  } finally {
    await ground?.[Symbol.asyncDispose]();
  }
}

/** What was too late is tried again sooner. */
async function tryInTime(
  ground: Ground,
  one: Case,
  signal: AbortSignal,
  began = performance.now(),
): Promise<Outcome> {
  const { seen, known } = await tryCase(ground, one, signal);
  const findings = judge(one, seen, known);
  const mayHelp = seen.shown && seen.deedAt === undefined && seen.next.came === "at once";
  const again = mayHelp && findings.length === 0 ? sooner(one) : undefined;
  if (again !== undefined) return tryInTime(ground, again, signal, began);
  const seconds = Math.round((performance.now() - began) / 1_000);
  return { one, name: nameOf(one), seen, findings, seconds };
}

function lineOf({ name, seen, findings, seconds }: Outcome, index: number): string {
  const word = findings.length > 0 ? "FOUND" : seen.deedAt === undefined ? "too late" : "withstood";
  const out = seen.next.came === "at once" ? "" : `, brought back ${seen.next.came}: ${seen.next.trouble}`;
  const head = `${word.padEnd(9)} ${index} ${name} (exit ${seen.exit ?? "none"}${out}; ${seconds} s)`;
  return [head, ...findings.map(sayFinding)].join("\n");
}

function sayFinding({ figure, what }: Finding): string {
  return `          ${figure}: ${what}`;
}
