import { describe, expect, it } from "vitest";
import { timeOfIssue } from "../../../src/certification/issue.ts";

const hour = 3_600_000;
const start = Date.UTC(2026, 10, 28);

describe("what has taken an hour is issued", () => {
  it.each([
    ["an hour after its start", 0, hour],
    ["no later, where the time of day was set forward meanwhile", 25 * hour, hour],
    ["by the time of day, where that was set back meanwhile", -25 * hour, -24 * hour],
  ])("%s", (_name, set, after) => {
    const issued = timeOfIssue({ now: () => start + hour + set, origin: start, elapsed: () => hour });
    expect(issued.getTime() - start).toBe(after);
  });
});
