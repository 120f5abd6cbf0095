import { expect, it } from "vitest";
import { stateDigest } from "../../../src/certification/versions.ts";
import type { Result } from "../../../src/check/outcome.ts";
import { judge } from "../../../src/qualification/whole.ts";
import { answer, substrate } from "../../support/certification.ts";

const checkpoint = { run: undefined, substance: ["bridge"], resources: [], pendingCreates: [], bytes: "" };
const certified = { subject: { substrate }, state: stateDigest(checkpoint), observed: "seen" };

function judged(results: readonly Result[], parts: { state?: readonly string[]; observed?: string } = {}) {
  const answers = results.map((result, index) => answer("a.ok", result, `guest${index}`));
  const seen = { answers, checkpoint: { ...checkpoint, substance: parts.state ?? checkpoint.substance } };
  return judge(certified, seen, parts.observed ?? "seen").map(
    ({ name, target, result }) => `${result} ${name}${target === undefined ? "" : `@${target}`}`,
  );
}

it("is whole where every check passes on the certified state and material", () => {
  expect(judged(["pass", "pass"])).toEqual(["pass substrate.whole"]);
});

it("says of each thing what, where, when and why", () => {
  const checkedAt = expect.stringMatching(/^\d{4}-.*Z$/);
  const about = { provider: "pve", checkedAt };
  const seen = { answers: [answer("a.ok", "pass"), answer("a.ok", "pass", "leaf1")], checkpoint };
  expect(judge(certified, seen, "seen")).toEqual([
    {
      ...about,
      name: "substrate.whole",
      result: "pass",
      summary: "2 of 2 checks pass, on the certified state and material",
    },
  ]);
  const wrong = { answers: [answer("a.ok", "fail"), answer("a.ok", "blocked", "leaf1")], checkpoint };
  expect(judge({ ...certified, state: undefined }, wrong, "seen")).toEqual([
    { ...about, name: "a.ok", result: "fail", summary: "fail" },
    { ...about, name: "a.ok", target: "leaf1", result: "blocked", summary: "blocked" },
    { ...about, name: "substrate.state", result: "fail", summary: "the stack is another than certified" },
  ]);
  expect(judge(certified, seen, "other")).toEqual([
    {
      ...about,
      name: "substrate.observed",
      result: "fail",
      summary: "the material is another than certified",
    },
  ]);
});

it("names every check that does not pass, seen or unseen", () => {
  expect(judged(["pass", "fail", "blocked", "skipped"])).toEqual([
    "fail a.ok@guest1",
    "blocked a.ok@guest2",
    "skipped a.ok@guest3",
  ]);
});

it("is not whole on another state or another material, whatever its checks say", () => {
  expect(judged(["pass"], { state: ["bridge", "another"] })).toEqual(["fail substrate.state"]);
  expect(judged(["pass"], { observed: "something else" })).toEqual(["fail substrate.observed"]);
});

it("does not hold against the material what could not be seen", () => {
  expect(judged(["blocked"], { observed: "less" })).toEqual(["blocked a.ok@guest0"]);
});

it("is not whole where no check has answered", () => {
  expect(judged([])).toEqual(["blocked substrate.whole"]);
});
