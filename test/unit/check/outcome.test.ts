import { describe, expect, it } from "vitest";
import { z } from "zod";
import { keyOf } from "../../../src/check/key.ts";
import { blocked, fail, impostor, list, pass, say } from "../../../src/check/outcome.ts";
import { Unreadable, unseen } from "../../../src/check/unreadable.ts";
import { named } from "../../support/checks.ts";

const heard: string = "10.0.0.1 said hello";
const leaf1 = named("leaf1");

describe("a sentence", () => {
  it("is made of our words, logical names, numbers and other sentences", () => {
    const word: "pass" | "fail" = "pass";
    const path = z.string().brand<"Path">().parse("agent.enabled");
    expect(say`${path} ${keyOf({ id: "g.ssh", target: leaf1 })}`).toBe("agent.enabled g.ssh@leaf1");
    expect(say`${leaf1} has ${2} of ${3}: ${word}, ${say`fine`}`).toBe("leaf1 has 2 of 3: pass, fine");
  });

  it("joins lists of them", () => {
    expect(list([leaf1, named("leaf2")])).toBe("leaf1, leaf2");
    expect(list([say`a`, say`b`], "; ")).toBe("a; b");
    expect(list([1, 2])).toBe("1, 2");
  });

  it("refuses everything else at compile time", () => {
    // @ts-expect-error a plain string may have come from a far end
    say`${heard}`;
    // @ts-expect-error also beside what is allowed
    say`${leaf1} ${heard}`;
    // @ts-expect-error a template over a plain string is one
    say`${`x-${heard}` as const}`;
    // @ts-expect-error nor is one that the compiler makes up
    say`${`${heard} ${heard}`}`;
    // @ts-expect-error nor anything of an unknown kind
    say`${JSON.parse("1")}`;
    // @ts-expect-error nor an error
    say`${new Error("private")}`;
    // @ts-expect-error nor a list, which has its own function
    say`${[heard]}`;
    // @ts-expect-error a list of plain strings
    list([heard]);
    // @ts-expect-error a list with one among names
    list([leaf1, heard]);
    // @ts-expect-error a separator that is not ours
    list([leaf1], heard);
    // @ts-expect-error an outcome's summary is a sentence
    pass("all is well");
    // @ts-expect-error
    fail(heard);
    // @ts-expect-error
    blocked(heard);
  });
});

it("something else in its place is a fail that no repair may touch", () => {
  expect(impostor(say`another key`)).toEqual({ result: "fail", summary: "another key", impostor: true });
});

describe("what could not be seen", () => {
  it("tells the debug log all, and people only the reason, and from where one could not look", () => {
    const error = new Unreadable("timeout", heard);
    expect(String(error)).toBe(`Unreadable: no answer in time: ${heard}`);
    expect(unseen(error, say`${leaf1}`)).toEqual({
      result: "blocked",
      summary: "could not look from leaf1: no answer in time",
    });
  });

  it("is blocked by the reason's own words, without the detail", () => {
    const outcome = unseen(new Unreadable("refused", heard));
    expect(outcome).toEqual({ result: "blocked", summary: "could not look: connection refused" });
  });

  it("is blocked as a broken check for every other error", () => {
    for (const error of [new Error(heard), heard, undefined, { reason: "refused" }])
      expect(unseen(error)).toEqual({
        result: "blocked",
        summary: "could not look: the check itself broke; the debug log says how",
      });
  });
});
