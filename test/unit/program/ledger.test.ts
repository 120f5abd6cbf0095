import { describe, expect, it } from "vitest";
import { layOver } from "../../../src/program/ledger.ts";

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
