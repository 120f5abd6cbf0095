import { describe, expect, it } from "vitest";
import { type Sentence, say } from "../../../src/check/outcome.ts";
import { goneCheck } from "../../../src/check/remains.ts";
import { Unreadable } from "../../../src/check/unreadable.ts";

const left = [say`${2} volumes`];
const about = { id: "a.gone", gate: "a.gate" } as const;

/** Judges a far end that answers so, the last answer again and again. */
async function judge(answers: readonly (readonly Sentence[])[], patience: number) {
  let asked = 0;
  const ask = async () => answers[Math.min(asked++, answers.length - 1)] ?? [];
  const outcome = await goneCheck({ ...about, ask }, patience).observe(AbortSignal.timeout(60_000));
  return { ...outcome, asked };
}

describe("what is left", () => {
  it("is nothing only when that was said twice in a row", async () => {
    expect(await judge([[], []], 0)).toMatchObject({ result: "pass", asked: 2 });
    expect(await judge([[], left, [], []], 60_000)).toMatchObject({ result: "pass", asked: 4 });
  });

  it("is told at once where nobody is to wait for it", async () => {
    expect(await judge([left], 0)).toEqual({ result: "fail", summary: "2 volumes", asked: 1 });
    expect(await judge([[], left], 0)).toMatchObject({ result: "fail", asked: 2 });
  });

  it("may go as long as there is patience", async () => {
    expect(await judge([left, left, [], []], 60_000)).toMatchObject({ result: "pass", asked: 4 });
  });

  it("is not known where a list can not be read", async () => {
    const ask = () => Promise.reject(new Unreadable("forbidden", "list"));
    await expect(goneCheck({ ...about, ask }, 0).observe(AbortSignal.timeout(60_000))).rejects.toThrow(
      Unreadable,
    );
  });
});
