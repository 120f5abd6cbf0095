import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { UnderWay } from "../../../src/engine/underway.ts";

const step = (urn: string, type = "vm") => ({ metadata: { op: "create", urn, type } });
const begun = (urn: string, type?: string) => ({ resourcePreEvent: step(urn, type) });
const ended = (urn: string) => ({ resOutputsEvent: step(urn) });
const failed = (urn: string) => ({ resOpFailedEvent: step(urn) });

/** Whether the engine is at rest a while after these events. */
async function isAtRest(...events: readonly unknown[]): Promise<boolean> {
  const underWay = new UnderWay();
  for (const event of events) underWay.note(event);
  return Promise.race([underWay.rest(10).then(() => true), pause(150).then(() => false)]);
}

describe("an engine", () => {
  it("is at rest when all that was begun has ended, well or not", async () => {
    expect(await isAtRest()).toBe(true);
    expect(await isAtRest(begun("a"), begun("b"), ended("a"), failed("b"))).toBe(true);
  });

  it("is not while one step is under way, be it a second one of the same resource", async () => {
    expect(await isAtRest(begun("a"), begun("b"), ended("a"))).toBe(false);
    expect(await isAtRest(begun("a"), begun("a"), ended("a"))).toBe(false);
  });

  it("is at rest whatever else it says, and though the stack itself ends with the program", async () => {
    expect(await isAtRest(begun("stack", "pulumi:pulumi:Stack"), { summaryEvent: {} }, "?")).toBe(true);
    expect(await isAtRest(ended("a"), begun("b"))).toBe(false);
  });

  it("is not yet, where it has just said something", async () => {
    const underWay = new UnderWay();
    let isResting = false;
    const rest = underWay.rest(200).then(() => {
      isResting = true;
    });
    await pause(120);
    underWay.note({});
    await pause(120);
    expect(isResting).toBe(false);
    await rest;
  });
});
