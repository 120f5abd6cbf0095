// A manifest in short, as Markdown for people: the verdict, counts per provider, and everything that is no pass.
import type { Manifest, ManifestCheck } from "./model.ts";
import { statusAt } from "./status.ts";

const results = ["pass", "fail", "blocked", "skipped"] as const;

/** What CI shows on a run's page. */
export function markdownOf(manifest: Manifest, now: Date): string {
  const { environment, topology, manifestId, expiresAt, checks, repairs } = manifest;
  const groups = Map.groupBy(checks, ({ provider, component }) => provider ?? component);
  const wrong = checks.filter(({ result }) => result !== "pass");
  return [
    `## ${environment}, ${topology}: ${statusAt(manifest, now)}`,
    "",
    `\`${manifestId}\`, until ${expiresAt}; ${repairs.length} repairs.`,
    "",
    row(["provider", ...results]),
    row(["---", ...results.map(() => "---:")]),
    ...[...groups].map(([name, own]) => row([name, ...results.map((result) => countOf(own, result))])),
    ...(wrong.length === 0
      ? []
      : ["", row(["check", "result", "what was seen"]), row(["---", "---", "---"])]),
    ...wrong.map(({ name, target, result, summary = "" }) =>
      row([`\`${target === undefined ? name : `${name}@${target}`}\``, result, summary]),
    ),
    "",
  ].join("\n");
}

function countOf(checks: readonly ManifestCheck[], wanted: ManifestCheck["result"]): string {
  return String(checks.filter(({ result }) => result === wanted).length);
}

/** Nothing in a cell may end it, or begin markup. */
function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll(/[|<>\r\n]/g, " ")).join(" | ")} |`;
}
