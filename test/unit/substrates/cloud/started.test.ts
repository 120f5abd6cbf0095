import { expect, it } from "vitest";
import { onceStarted } from "../../../../src/substrates/cloud/checks/started.ts";

/** What is told of a machine of which these states are seen one after the other, and how often it was asked for. */
async function seen(states: readonly string[], bootDeadline: number) {
  let asked = 0;
  const see = async () => {
    asked += 1;
    return states[asked - 1] ?? states.at(-1);
  };
  const signal = AbortSignal.timeout(10_000);
  const state = await onceStarted(see, (one) => one === "pending", { bootDeadline, signal });
  return { state, asked };
}

it("A machine that is being switched on is asked for again until it is", async () => {
  expect(await seen(["pending", "pending", "running"], 5_000)).toEqual({ state: "running", asked: 3 });
});

it("One that is on, or off, is what it is at once", async () => {
  expect(await seen(["running"], 5_000)).toEqual({ state: "running", asked: 1 });
  expect(await seen(["stopped", "running"], 5_000)).toEqual({ state: "stopped", asked: 1 });
});

it("One that never comes up is told as it is past its boot deadline", async () => {
  expect(await seen(["pending"], 300)).toMatchObject({ state: "pending" });
});
