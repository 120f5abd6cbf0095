import { describe, expect, it } from "vitest";
import { attempted, recordRepairs, withUnrepaired } from "../../../src/certification/repair.ts";
import type { Result } from "../../../src/check/outcome.ts";
import { answer, applied, at, change, verifiers } from "../../support/certification.ts";

const wrong = [change("leaf1", "update", "agent.enabled")];

function recordOf(
  done: readonly string[],
  own: Result | undefined,
  drift: Result = "pass",
  changes = wrong,
  compared = true,
) {
  const answers = [
    ...(own === undefined ? [] : [answer("a.ok", own, "leaf1")]),
    answer("a.ok", "fail", "leaf2"),
    answer("pve.drift", drift),
  ];
  const attempts = attempted([], wrong, applied(wrong, ...done));
  return recordRepairs({ attempts, last: { answers, changes, compared }, verifiers })[0];
}

describe("a repair", () => {
  it("has passed when it was carried out and every check that covers it passed", () => {
    expect(recordOf(["leaf1"], "pass")).toEqual({
      target: "leaf1",
      action: "set agent.enabled",
      result: "pass",
      verifiedBy: ["a.ok@leaf1", "pve.drift"],
      at,
    });
  });

  it.each<[Result | undefined, Result, string]>([
    ["fail", "pass", "fail"],
    ["pass", "fail", "fail"],
    ["blocked", "fail", "fail"],
    ["blocked", "pass", "blocked"],
    ["skipped", "pass", "blocked"],
    [undefined, "pass", "blocked"],
  ])("whose own check is %s and whose drift is %s is %s", (own, drift, expected) => {
    expect(recordOf(["leaf1"], own, drift)?.result).toBe(expected);
  });

  it("is not held against what it has put right where drift is left at other things", () => {
    const others = [change("leaf2", "update", "mtu")];
    expect(recordOf(["leaf1"], "pass", "fail", others)?.result).toBe("pass");
    expect(recordOf(["leaf1"], "fail", "fail", others)?.result).toBe("fail");
    expect(recordOf(["leaf1"], "pass", "blocked", others)?.result).toBe("blocked");
    expect(recordOf(["leaf1"], "pass", "fail", others, false)?.result).toBe("fail");
    expect(recordOf(["leaf1"], "pass", "fail", [...others, ...wrong])?.result).toBe("fail");
  });

  it("is none of what the engine, at its end, found to be as declared after all", () => {
    const image = [change("image", "create")];
    const ended = { ...applied(image, "image"), complete: true };
    const attempts = attempted([], [...image, ...wrong], ended);
    expect(attempts.map(({ target }) => target)).toEqual(["image"]);
    const both = [...image, ...wrong];
    const all = attempted([], both, { ...applied(both, "image", "leaf1"), complete: true });
    expect(all.map(({ target }) => target)).toEqual(["image", "leaf1"]);
    const failed = new Set(["urn:of:another"]);
    expect(attempted([], wrong, { ...ended, failed })).toMatchObject([{ target: "leaf1", done: false }]);
  });

  it("that was not carried out is blocked, even where everything passes", () => {
    expect(recordOf([], "pass")?.result).toBe("blocked");
    expect(recordOf(["leaf2"], "pass")?.result).toBe("blocked");
  });

  it("without anything that verifies it is blocked", () => {
    const attempts = attempted([], wrong, applied(wrong, "leaf1"));
    const last = { answers: [answer("pve.drift", "pass")], changes: [], compared: true };
    const [record] = recordRepairs({ attempts, last, verifiers: () => [] });
    expect(record?.result).toBe("blocked");
  });

  it.each([
    [change("a", "create"), "created"],
    [change("a", "delete"), "deleted"],
    [change("a", "import"), "imported"],
    [change("a", "replace"), "replaced"],
    [change("a", "replace", "name"), "replaced for name"],
    [change("a", "update", "mtu", "nics[0].vlanId"), "set mtu, nics[0].vlanId"],
    [change("a", "update"), "updated"],
  ])("says in our words what it did", (what, words) => {
    const attempts = attempted([], [what], applied([what]));
    const last = { answers: [], changes: [], compared: true };
    expect(recordRepairs({ attempts, last, verifiers }).map(({ action }) => action)).toEqual([words]);
  });
});

describe("a repair in two rounds", () => {
  const both = (first: readonly string[], second: readonly string[]) =>
    attempted(attempted([], wrong, applied(wrong, ...first)), wrong, applied(wrong, ...second));

  it("is as done as the last round left it", () => {
    expect(both([], ["leaf1"]).map(({ done }) => done)).toEqual([true]);
    expect(both(["leaf1"], []).map(({ done }) => done)).toEqual([false]);
  });

  it("keeps what it was made for, and tells what both rounds did, in their order", () => {
    const [first] = attempted([], [change("leaf1", "create")], applied([]));
    if (first === undefined) throw new Error("nothing was attempted");
    expect(first.cures).toEqual([]);
    const mended = [{ ...first, cures: ["b.seed" as const] }];
    const [both] = attempted(mended, wrong, applied(wrong, "leaf1"));
    expect(both).toMatchObject({ done: true, cures: ["b.seed"], actions: ["created", "set agent.enabled"] });
    const answers = [answer("b.seed", "pass"), answer("a.ok", "pass", "leaf1"), answer("pve.drift", "pass")];
    const attempts = both === undefined ? [] : [both];
    expect(
      recordRepairs({ attempts, last: { answers, changes: [], compared: true }, verifiers }),
    ).toMatchObject([
      {
        action: "created; set agent.enabled",
        result: "pass",
        verifiedBy: ["b.seed", "a.ok@leaf1", "pve.drift"],
      },
    ]);
  });

  it("of different things leaves one attempt for each", () => {
    const later = [change("leaf2", "update")];
    const attempts = attempted(attempted([], wrong, applied(wrong)), later, applied(later));
    expect(attempts.map(({ target }) => target)).toEqual(["leaf1", "leaf2"]);
  });

  it("says once what it did twice", () => {
    expect(both([], ["leaf1"]).flatMap(({ actions }) => actions)).toEqual(["set agent.enabled"]);
  });
});

describe("what could not be repaired", () => {
  const unrepaired = (done: readonly string[]) =>
    withUnrepaired({
      attempts: attempted([], wrong, applied(wrong, ...done)),
      last: {
        answers: [answer("a.ok", "fail", "leaf1"), answer("a.ok", "fail", "leaf2"), answer("a.b", "pass")],
        changes: [],
        compared: true,
      },
      verifiers,
    }).map(({ result, summary }) => `${result}: ${summary}`);

  it("blocks the failing checks that cover it, and only those", () => {
    expect(unrepaired([])).toEqual([
      "blocked: leaf1 could not be repaired: fail",
      "fail: fail",
      "pass: pass",
    ]);
  });

  it("leaves what passes or is blocked anyway as it was seen", () => {
    const attempts = attempted([], wrong, applied(wrong));
    for (const result of ["pass", "blocked"] as const) {
      const answers = [answer("a.ok", result, "leaf1")];
      const last = { answers, changes: [], compared: true };
      expect(withUnrepaired({ attempts, last, verifiers })).toEqual(answers);
    }
  });

  it("blocks nothing where it was carried out: still wrong is a fail", () => {
    expect(unrepaired(["leaf1"])).toEqual(["fail: fail", "fail: fail", "pass: pass"]);
  });
});
