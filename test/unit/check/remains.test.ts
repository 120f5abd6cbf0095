import { beforeEach, describe, expect, it, vi } from "vitest";
import { type Sentence, say } from "../../../src/check/outcome.ts";
import { goneCheck } from "../../../src/check/remains.ts";
import { Unreadable } from "../../../src/check/unreadable.ts";

// Nobody waits here: the clock stands still but for pauses, which are as long as they are on average.
const { clock } = vi.hoisted(() => ({ clock: { now: 0 } }));
vi.mock("node:timers/promises", () => ({
  setTimeout: async (ms: number) => {
    if (!(ms > 0)) throw new TypeError("no pause");
    clock.now += ms;
  },
}));
beforeEach(() => {
  clock.now = 0;
  const spies = [
    vi.spyOn(performance, "now").mockImplementation(() => clock.now),
    vi.spyOn(Math, "random").mockReturnValue(0.5),
  ];
  return () => {
    for (const spy of spies) spy.mockRestore();
  };
});

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
    const summary = "nothing of the run is left";
    expect(await judge([[], []], 0)).toEqual({ result: "pass", summary, asked: 2 });
    expect(await judge([[], left, [], []], 60_000)).toMatchObject({ result: "pass", asked: 4 });
  });

  it("is told at once where nobody is to wait for it", async () => {
    expect(await judge([left], 0)).toEqual({ result: "fail", summary: "2 volumes", asked: 1 });
    expect(await judge([[], left], 0)).toMatchObject({ result: "fail", asked: 2 });
  });

  it("is told item by item", async () => {
    const two = [say`${2} volumes`, say`${1} address`];
    expect(await judge([two], 0)).toMatchObject({ summary: "2 volumes; 1 address" });
  });

  it("may go as long as there is patience", async () => {
    expect(await judge([left, left, [], []], 60_000)).toMatchObject({ result: "pass", asked: 4 });
  });

  it("is told when patience ends: asked at first, after half a second, after another whole one", async () => {
    expect(await judge([left], 1_500)).toMatchObject({ result: "fail", asked: 3 });
  });

  it("is asked for every ten seconds at the least", async () => {
    expect((await judge([left], 600_000)).asked).toBeGreaterThan(60);
  });

  it("is looked for behind the last gate, with two minutes to ask beside the patience", () => {
    const check = goneCheck({ ...about, ask: async () => [] }, 5_000);
    expect(check).toMatchObject({ id: "a.gone", after: ["a.gate"], deadline: 125_000 });
  });

  it("is not known where a list can not be read", async () => {
    const ask = () => Promise.reject(new Unreadable("forbidden", "list"));
    await expect(goneCheck({ ...about, ask }, 0).observe(AbortSignal.timeout(60_000))).rejects.toThrow(
      Unreadable,
    );
  });
});
