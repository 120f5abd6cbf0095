// Figures of several runs, and how they are shown.

export async function repeat<T>(runs: number, measure: () => Promise<T>): Promise<T[]> {
  const found: T[] = [];
  for (let run = 0; run < runs; run += 1) found.push(await measure());
  return found;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (
    ((sorted[Math.floor((sorted.length - 1) / 2)] ?? 0) + (sorted[Math.floor(sorted.length / 2)] ?? 0)) / 2
  );
}

export function sum(values: readonly number[]): number {
  return values.reduce((whole, value) => whole + value, 0);
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}

export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1_000_000)} MB`;
}

/** One line of the table. */
export function row(what: string, figure: string, remark: string): void {
  process.stdout.write(`${`${what.padEnd(44)} ${figure.padStart(9)}  ${remark}`.trimEnd()}\n`);
}
