// The word that a misspelt one was meant to be.

/** The closest of the known words: one that begins so, or one at most two slips away; none where nothing is close. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const [closest] = known
    .map((each) => ({ each, slips: each.startsWith(word) && word.length > 3 ? 0 : slipsBetween(word, each) }))
    .filter(({ slips }) => slips <= 2)
    .sort((a, b) => a.slips - b.slips);
  return closest?.each;
}

/** Letters left out, put in, exchanged or swapped with their neighbour (optimal string alignment). */
function slipsBetween(a: string, b: string): number {
  let before: readonly number[] = [];
  let above: readonly number[] = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const differs = a[row - 1] === b[column - 1] ? 0 : 1;
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const options = [at(above, column) + 1, at(current, column - 1) + 1, at(above, column - 1) + differs];
      current.push(Math.min(...options, swapped ? at(before, column - 2) + 1 : Number.POSITIVE_INFINITY));
    }
    [before, above] = [above, current];
  }
  return at(above, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
