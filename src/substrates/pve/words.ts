// Lists as PVE writes them: words in any order, separated by blanks, commas or semicolons.

/** Whether two such lists say the same; none is an empty one. */
export function sameWords(a: unknown, b: unknown): boolean {
  return sorted(a) === sorted(b);
}

function sorted(value: unknown): string {
  return String(value ?? "")
    .split(/[\s,;]+/)
    .filter(Boolean)
    .sort()
    .join(" ");
}
