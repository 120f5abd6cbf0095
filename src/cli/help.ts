// The text of `--help`, made from the same table that the flags are read with.
import { exitMeanings } from "./exit.ts";
import type { Command, Flag, Flags } from "./flags.ts";

/** Usage, summary, flags and exit codes, folded to a width of at least 40 columns. */
export function helpOf(command: Command<Flags>, columns = 80): string {
  const width = Math.min(Math.max(columns, 40), 100);
  const flags = Object.entries(command.flags);
  const usage = fold(
    flags.map(([name, flag]) => inUsage(name, flag)),
    width,
    `Usage: ${command.name}`,
    "    ",
  );
  const table = flags.map(([name, flag]): Row => [withValue(name, flag), explained(flag)]);
  const codes = (command.exits ?? exitMeanings).map(([code, meaning]): Row => [String(code), meaning]);
  return [
    ...usage,
    "",
    ...fold(command.summary.split(" "), width, "", ""),
    "",
    "Flags:",
    ...inColumns([...table, ["-h, --help", "show this text"]], width),
    "",
    "Exit codes:",
    ...inColumns(codes, width),
  ].join("\n");
}

type Row = readonly [left: string, right: string];

function inUsage(name: string, flag: Flag): string {
  const required = flag.kind === "value" && flag.required === true;
  return required ? withValue(name, flag) : `[${withValue(name, flag)}]`;
}

function withValue(name: string, flag: Flag): string {
  return flag.kind === "value" ? `--${name} ${flag.shown}` : `--${name}`;
}

function explained(flag: Flag): string {
  return flag.kind === "value" && flag.default !== undefined
    ? `${flag.help} (default ${flag.default})`
    : flag.help;
}

function inColumns(rows: readonly Row[], width: number): string[] {
  const left = Math.max(...rows.map(([each]) => each.length)) + 2;
  return rows.flatMap(([each, text]) =>
    fold(text.split(" "), width, `  ${each.padEnd(left)}`.trimEnd(), " ".repeat(left + 2)),
  );
}

/** Puts words behind a beginning, and what does not fit onto further lines behind an indent as long as the words' column. */
function fold(words: readonly string[], width: number, begin: string, indent: string): string[] {
  const lines: string[] = [];
  let line = begin === "" ? "" : begin.padEnd(indent.length - 1);
  for (const word of words) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length <= width || line.trim() === "") {
      line = longer;
      continue;
    }
    lines.push(line);
    line = `${indent}${word}`;
  }
  return [...lines, line];
}
