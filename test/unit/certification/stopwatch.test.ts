import { describe, expect, it } from "vitest";
import { Stopwatch } from "../../../src/certification/stopwatch.ts";

const hour = 3_600_000;

describe("a certification of ten minutes is issued", () => {
  it.each([
    ["ten minutes after its start", 0, hour / 6],
    ["no later, where the time of day was set forward meanwhile", 25 * hour, hour / 6],
    ["by the time of day, where that was set back meanwhile", -25 * hour, hour / 6 - 25 * hour],
  ])("%s", (_name, set, after) => {
    const clocks = { day: Date.UTC(2026, 10, 28), gone: 1_000 };
    const watch = new Stopwatch({ now: () => clocks.day, elapsed: () => clocks.gone });
    clocks.day += hour / 6 + set;
    clocks.gone += hour / 6;
    expect(watch.now().getTime() - watch.startedAt.getTime()).toBe(after);
  });
});
