// What a campaign of faults came to, in figures.
import { type Case, kinds } from "./cases.ts";
import { type Figure, type Finding, figures, type Seen } from "./judge.ts";

/** One case with what came of it. */
export type Outcome = {
  readonly one: Case;
  readonly name: string;
  readonly seen: Seen;
  readonly findings: readonly Finding[];
  readonly seconds: number;
};

const isFigure = (word: string): word is Figure => Object.hasOwn(figures, word);
const allFigures = Object.keys(figures).filter(isFigure);

/** Cases by kind, and how many of them missed each figure. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const rows = kinds.flatMap((kind) => {
    const own = outcomes.filter(({ one }) => one.what.kind === kind);
    return own.length === 0 ? [] : [rowOf(kind, own)];
  });
  return [heading, ...rows, rowOf("all", outcomes)].join("\n");
}

const widths = allFigures.map((figure) => Math.max(figure.length, 6) + 2);
const heading = line("", ["cases", "too late", "later try", "way out"], [...allFigures]);

function rowOf(name: string, own: readonly Outcome[]): string {
  const late = own.filter(({ seen }) => seen.deedAt === undefined).length;
  const came = (how: Seen["next"]["came"]) => own.filter(({ seen }) => seen.next.came === how).length;
  return line(
    name,
    [own.length, late, came("at a later try"), came("by the way out")].map(String),
    allFigures.map((figure) => String(missed(own, figure))),
  );
}

function line(name: string, counts: readonly string[], cells: readonly string[]): string {
  const left = counts.map((text) => text.padStart(10)).join("");
  return `${name.padEnd(8)}${left}${cells.map((text, index) => text.padStart(widths[index] ?? 0)).join("")}`;
}

function missed(outcomes: readonly Outcome[], figure: Figure): number {
  return outcomes.filter(({ findings }) => findings.some((one) => one.figure === figure)).length;
}

/** The same for programs, with every finding. */
export function summaryOf(outcomes: readonly Outcome[], { seed }: { readonly seed: number }) {
  return {
    seed,
    cases: outcomes.length,
    tooLate: outcomes.filter(({ seen }) => seen.deedAt === undefined).length,
    atALaterTry: outcomes.filter(({ seen }) => seen.next.came === "at a later try").length,
    byTheWayOut: outcomes.filter(({ seen }) => seen.next.came === "by the way out").length,
    missed: Object.fromEntries(allFigures.map((figure) => [figure, missed(outcomes, figure)])),
    findings: outcomes.flatMap(({ name, findings }) => findings.map((found) => ({ case: name, ...found }))),
  };
}
