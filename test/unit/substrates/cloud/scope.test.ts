// How an inventory is judged by an index that is late, and by lists of some kinds that are not.
import { describe, expect, it } from "vitest";
import { newRun } from "../../../../src/environment/run.ts";
import { type Found, scopeChecks } from "../../../../src/substrates/cloud/checks/scope.ts";

const run = newRun(new Date(), "run-test");
/** Instances have a list of their own; subnets have none. */
const declared = new Map([
  ["client1", "i-1"],
  ["subnet", "subnet-1"],
]);

/** What both checks say where the index tells this of the run, one answer after the other, and the lists this. */
async function judged(index: readonly Found[], lists: Found) {
  const asked = { tagged: 0 };
  const checks = scopeChecks({
    ...{ own: "aws", gate: "aws.identity", run },
    tagged: async (value) => {
      if (value === undefined) return index[asked.tagged - 1] ?? index.at(-1) ?? [];
      if (value !== run.id) return [];
      asked.tagged += 1;
      return index[asked.tagged - 1] ?? index.at(-1) ?? [];
    },
    byKind: async () => lists,
    isListed: (id) => id.startsWith("i-"),
    declared: async () => declared,
  });
  const answers: Record<string, string> = {};
  for (const { id, observe } of checks) {
    asked.tagged = 0;
    const { result, summary } = await observe(AbortSignal.timeout(5_000));
    answers[id] = `${result}: ${summary}`;
  }
  return answers;
}

describe("an inventory", () => {
  it("passes where everything declared carries the run's tag, and nothing else does", async () => {
    expect(await judged([["i-1", "subnet-1"]], ["i-1"])).toEqual({
      "aws.inventory": "pass: 2 things carry the run's tag, all of them declared",
      "aws.filter": "pass: the run's tag finds 2 things, and nobody's tag none",
    });
  });

  it("takes no offence at an instance that is long gone and that only the index goes on about", async () => {
    const { "aws.inventory": inventory } = await judged([["i-1", "i-gone", "subnet-1"]], ["i-1"]);
    expect(inventory).toMatch(/^pass/);
  });

  it("misses no instance that only the index has not heard of yet", async () => {
    const { "aws.inventory": inventory } = await judged([["subnet-1"]], ["i-1"]);
    expect(inventory).toMatch(/^pass/);
  });

  it.each<[string, Found, Found, string]>([
    [
      "an instance too many",
      ["i-1", "subnet-1"],
      ["i-1", "i-2"],
      "1 things carry the run's tag and are not declared",
    ],
    [
      "a subnet too many",
      ["i-1", "subnet-1", "subnet-2"],
      ["i-1"],
      "1 things carry the run's tag and are not declared",
    ],
    ["an instance without the tag", ["i-1", "subnet-1"], [], "1 declared things do not carry the run's tag"],
    ["a subnet without the tag", ["i-1"], ["i-1"], "1 declared things do not carry the run's tag"],
  ])("fails with %s", async (_what, index, lists, summary) => {
    expect((await judged([index], lists))["aws.inventory"]).toBe(`fail: ${summary}`);
  });
});

describe("a filter", () => {
  it("waits for an index that has not heard yet of what the lists tell", async () => {
    expect((await judged([[], ["i-1", "subnet-1"]], ["i-1"]))["aws.filter"]).toMatch(/^pass/);
  });

  it("that finds nothing where the lists tell nothing either has failed", async () => {
    expect((await judged([[]], []))["aws.filter"]).toBe("fail: the run's tag finds nothing");
  });
});
