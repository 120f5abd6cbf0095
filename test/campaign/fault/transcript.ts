// What a disturbed command said, line by line with the time, and what its checks answered since the disturbance.

/** One line of output, with the milliseconds since the command began. */
export type Line = { readonly at: number; readonly text: string };

/** One check's answer. */
export type Answer = { readonly key: string; readonly result: string; readonly summary: string };

/** Longer than a line is on its way from a busy process to us, in ms. */
const margin = 400;

const started = /^start +(\S+)$/;
const answered = /^(pass|fail|blocked|skipped) +([\w.]+(?:@[\w-]+)?): (.*) \([^()]*\)$/;

/**
 * The first answer of each check of this name that certainly began after that time, and how many were being asked then, or
 * did not begin again: a later answer may be of what has been mended meanwhile.
 */
export function answersSince(
  lines: readonly Line[],
  check: string,
  since: number,
): { readonly fresh: readonly Answer[]; readonly earlier: number } {
  const begun = new Map<string, number>();
  const underWay = new Set<string>();
  const fresh: Answer[] = [];
  for (const { at, text } of lines) {
    const [, begins] = started.exec(text) ?? [];
    if (begins !== undefined && nameIn(begins) === check) begun.set(begins, at);
    const [, result = "", key = "", summary = ""] = answered.exec(text) ?? [];
    const asked = begun.get(key);
    if (asked === undefined) continue;
    if (asked <= since + margin && at > since) underWay.add(key);
    if (asked > since + margin && !fresh.some((one) => one.key === key)) fresh.push({ key, result, summary });
  }
  const before = [...begun].flatMap(([key, at]) => (at <= since + margin ? key : []));
  return { fresh, earlier: new Set([...before, ...underWay]).size };
}

function nameIn(key: string): string {
  return key.split("@")[0] ?? "";
}
