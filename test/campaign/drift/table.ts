// The figures of a campaign of drifts as a table for people.
import type { Result } from "./campaign.ts";
import type { Figures } from "./figures.ts";

/** What it came to, with how long it took. */
export function tableOf(
  { seed, substrates, clean, immaterial, findings, left }: Result,
  minutes: number,
): string {
  const rows = Object.entries(substrates).map(([name, figures]) => [name, ...cellsOf(figures)]);
  return [
    ...aligned([
      ["", "known", "immaterial", "injected", "detected", "repaired", "by hand", "blamed", "refused"],
      ...rows,
    ]),
    "",
    `false alarms: ${clean.alarms} of ${clean.runs} clean runs`,
    ...Object.entries(immaterial).map(([reason, count]) => `immaterial, ${count}: ${reason}`),
    "",
    ...findings.map(({ drift, what, why }) => [`${drift}: ${what}`, ...why].join("\n    ")),
    `${findings.length} findings; ${left} not tried; seed ${seed}; ${minutes.toFixed(1)} minutes`,
  ].join("\n");
}

function cellsOf(figures: Figures): readonly string[] {
  const { known, immaterial, injected, detected, repaired, byHand, blamed, refused } = figures;
  return [
    ...[`${known}`, `${immaterial}`, `${injected}`, `${detected}/${injected}`],
    ...[`${repaired}/${detected - byHand}`, `${byHand}`, `${blamed}`, `${refused}`],
  ];
}

function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) => row.map((cell, at) => cell.padStart(widths[at] ?? 0)).join("  "));
}
