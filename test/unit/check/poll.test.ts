import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { persist, poll } from "../../../src/check/poll.ts";

import { Unreadable } from "../../../src/check/unreadable.ts";

const quickly = { first: 1, most: 2 };
const forever = new AbortController().signal;

describe("polling", () => {
  it("asks until there is an answer and says how many tries it took", async () => {
    const answers = [undefined, undefined, 0];
    expect(await poll(async () => answers.shift(), quickly, forever)).toEqual({ value: 0, tries: 3 });
  });

  it("does not pause where the first answer is there", async () => {
    const hour = { first: 3_600_000, most: 3_600_000 };
    expect(await poll(async () => "yes", hour, forever)).toEqual({ value: "yes", tries: 1 });
  });

  it("throws what an attempt throws and asks no more", async () => {
    let tries = 0;
    const attempt = async () => {
      tries += 1;
      throw new Error("no");
    };
    await expect(poll(attempt, quickly, forever)).rejects.toThrow("no");
    expect(tries).toBe(1);
  });

  it("ends in a pause with the signal's own reason and leaves no listener behind", async () => {
    const controller = new AbortController();
    const reason = new Error("deadline");
    const waiting = poll(
      async () => void setImmediate(() => controller.abort(reason)),
      { first: 3_600_000, most: 3_600_000 },
      controller.signal,
    );
    await expect(waiting).rejects.toBe(reason);
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });
});

describe("persisting", () => {
  const passing = { ...quickly, passing: "throttled", tries: 3 } as const;

  /** Asks somebody who fails in these ways before there is an answer; gives how often that was. */
  async function asked(...failures: readonly unknown[]) {
    let tries = 0;
    const ask = async () => {
      const failure = failures[tries++];
      if (failure !== undefined) throw failure;
      return "yes";
    };
    const answer = await persist(ask, passing, forever).catch((error: unknown) => error);
    return { answer, tries };
  }

  const throttled = new Unreadable("throttled", "busy");

  it("asks again for a reason that may pass, and gives what then comes", async () => {
    expect(await asked(throttled, throttled)).toEqual({ answer: "yes", tries: 3 });
  });

  it("asks so often in all and no more, and then says why", async () => {
    expect(await asked(throttled, throttled, throttled)).toEqual({ answer: throttled, tries: 3 });
  });

  it.each([
    ["another reason", new Unreadable("refused", "no")],
    ["an error that only looks like one", Object.assign(new Error("no"), { reason: "throttled" })],
  ])("does not ask again for %s", async (_what, error) => {
    expect(await asked(error)).toEqual({ answer: error, tries: 1 });
  });

  it("gives even an answer of nothing as the answer", async () => {
    expect(await persist(async () => undefined, passing, forever)).toBeUndefined();
  });
});
