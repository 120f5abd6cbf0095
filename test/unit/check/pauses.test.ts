import { afterEach, expect, it, vi } from "vitest";
import { poll } from "../../../src/check/poll.ts";

const { pauses } = vi.hoisted(() => ({ pauses: [] as number[] }));
vi.mock("node:timers/promises", () => ({
  setTimeout: async (ms: number) => void pauses.push(Math.round(ms)),
}));
afterEach(() => vi.restoreAllMocks());

it.each([
  ["a tenth shorter at the least", 0, [90, 180, 360, 450, 450]],
  ["as they are in the middle", 0.5, [100, 200, 400, 500, 500]],
  ["a tenth longer at the most", 1, [110, 220, 440, 550, 550]],
])("Pauses double up to the most, and are by chance %s", async (_how, chance, expected) => {
  vi.spyOn(Math, "random").mockReturnValue(chance);
  pauses.length = 0;
  const attempt = async () => (pauses.length < 5 ? undefined : "yes");
  const { signal } = new AbortController();
  expect((await poll(attempt, { first: 100, most: 500 }, signal)).tries).toBe(6);
  expect(pauses).toEqual(expected);
});
