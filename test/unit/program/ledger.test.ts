import { describe, expect, it } from "vitest";
import { layOver, refuseOverFreeze } from "../../../src/program/ledger.ts";

describe("what is laid over a ledger", () => {
  it("keeps what it does not name, at every depth", () => {
    const old = { freeze: { runId: "r" }, hostKeys: { a: { x: 1, y: 2 }, b: { z: 3 } } };
    expect(layOver(old, { hostKeys: { a: { y: 9 } } })).toEqual({
      freeze: { runId: "r" },
      hostKeys: { a: { x: 1, y: 9 }, b: { z: 3 } },
    });
  });

  it("replaces lists and scalars, and what was of another kind", () => {
    const old = { list: [1, 2], text: "a", table: { x: 1 } };
    expect(layOver(old, { list: [3], text: "b", table: "gone" })).toEqual({
      list: [3],
      text: "b",
      table: "gone",
    });
  });
});

describe("a freeze that is laid over a ledger", () => {
  const hour = 3_600_000;
  function freezeOf(runId: string, until = hour) {
    const at = (ms: number) => new Date(Date.now() + ms).toISOString();
    return { freeze: { runId, release: "v1.2.3", since: at(-hour), until: at(until) } };
  }

  it("does not replace another run's that is in force", () => {
    const write = () => refuseOverFreeze(freezeOf("first"), freezeOf("second"), "lab");
    expect(write).toThrow(/^freeze by second: expected no release run in lab, got a freeze by first /);
  });

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ["the run's own", freezeOf("first"), freezeOf("first", 2 * hour)],
    ["one that is past its end", freezeOf("first", -1), freezeOf("second")],
    ["one that was released", { freeze: null }, freezeOf("second")],
    ["nothing", {}, freezeOf("second")],
  ])("replaces %s", (_name, old, entries) => {
    expect(() => refuseOverFreeze(old, entries, "lab")).not.toThrow();
  });

  it("is not asked about by entries of other kinds, nor by a release", () => {
    const unintelligible = { freeze: "?" };
    expect(() => refuseOverFreeze(unintelligible, { hostKeys: {} }, "lab")).not.toThrow();
    expect(() => refuseOverFreeze(freezeOf("first"), { freeze: null }, "lab")).not.toThrow();
  });
});
