// Two sets of lines, one seen and one declared: nothing may be missing, and nothing extra.
import { fail, list, type Outcome, pass, type Sentence, say } from "../../../check/outcome.ts";

/** Judges what is seen. @param what what a line stands for, in the plural */
export function judgeLines(seen: readonly string[], declared: readonly string[], what: Sentence): Outcome {
  const missing = declared.filter((line) => !seen.includes(line)).length;
  const extra = seen.filter((line) => !declared.includes(line)).length;
  const wrong = [
    missing === 0 ? [] : say`${missing} missing`,
    extra === 0 ? [] : say`${extra} that nobody declared`,
  ].flat();
  return wrong.length === 0
    ? pass(say`${declared.length} ${what} as declared, and no others`)
    : fail(say`${what}: ${list(wrong)}`);
}
