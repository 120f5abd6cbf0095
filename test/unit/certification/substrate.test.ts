import { describe, expect, it } from "vitest";
import type { Look } from "../../../src/certification/look.ts";
import type { Craft } from "../../../src/certification/step.ts";
import { say } from "../../../src/check/outcome.ts";
import { Unreadable } from "../../../src/check/unreadable.ts";
import { ByHand, type Mend, type Mended } from "../../../src/substrates/substrate.ts";
import { answer, applied, certifyBy, change, lookOf, urnOf } from "../../support/certification.ts";
import { named } from "../../support/checks.ts";

const leaf1 = change("leaf1", "update", "mtu");
const replaced = change("leaf1", "replace");
const leaf2 = change("leaf2", "create");
const broken = lookOf([leaf1], { leaf1: "fail" });
const healthy = lookOf([], { leaf1: "pass", leaf2: "pass" });

describe("certifying a substrate", () => {
  it("looks once and changes nothing where it is not asked to repair", async () => {
    const { done, repairs, answers } = await certifyBy({ looks: [broken] }, { repair: false });
    expect({ done, repairs }).toEqual({ done: ["look"], repairs: [] });
    expect(answers).toBe(broken.answers);
  });

  it("repairs nothing where nothing is wrong", async () => {
    const { done, repairs } = await certifyBy({ looks: [healthy] }, { repair: true });
    expect({ done, repairs }).toEqual({ done: ["look"], repairs: [] });
  });

  it.each(["blocked", "skipped"] as const)("repairs nothing where the drift is %s", async (result) => {
    const dark = { ...broken, answers: [answer("a.ok", "fail", "leaf1"), answer("pve.drift", result)] };
    expect((await certifyBy({ looks: [dark] }, { repair: true })).done).toEqual(["look"]);
  });

  it("repairs nothing any more once the run is cancelled", async () => {
    const { done } = await certifyBy({ looks: [broken] }, { repair: true }, AbortSignal.abort());
    expect(done).toEqual(["look"]);
  });

  it("repairs nothing any more once a release run holds the environment still", async () => {
    const script = { looks: [broken, broken], applies: [applied([leaf1])], holds: [false, true] };
    const { done, answers } = await certifyBy(script, { repair: true });
    expect(done).toEqual(["look", "converge", "look"]);
    expect(answers.map(({ result }) => result)).toEqual(["blocked", "blocked"]);
  });

  it("repairs, looks again, and records what the second look proved", async () => {
    const { done, repairs, answers, progress } = await certifyBy(
      { looks: [broken, healthy], applies: [applied([leaf1], "leaf1")] },
      { repair: true },
    );
    expect(done).toEqual(["look", "converge", "look"]);
    expect(repairs.map(({ target, result }) => [target, result])).toEqual([["leaf1", "pass"]]);
    expect(answers).toEqual(healthy.answers);
    expect(progress.filter(({ kind }) => kind === "repaired")).toEqual([
      { kind: "repaired", target: "leaf1", action: "set mtu", result: "pass" },
    ]);
  });

  it("tries a second time, no oftener, and leaves blocked what could not be repaired", async () => {
    const { done, repairs, answers } = await certifyBy(
      { looks: [broken, broken, broken], applies: [applied([leaf1]), applied([leaf1])] },
      { repair: true },
    );
    expect(done).toEqual(["look", "converge", "look", "converge", "look"]);
    expect(repairs.map(({ target, action, result }) => [target, action, result])).toEqual([
      ["leaf1", "set mtu", "blocked"],
    ]);
    expect(answers.map(({ result }) => result)).toEqual(["blocked", "blocked"]);
  });

  it("fails where a repair was carried out and it is still wrong", async () => {
    const { repairs, answers } = await certifyBy(
      { looks: [broken, broken, broken], applies: [applied([leaf1], "leaf1"), applied([leaf1], "leaf1")] },
      { repair: true },
    );
    expect(repairs.map(({ result }) => result)).toEqual(["fail"]);
    expect(answers.map(({ result }) => result)).toEqual(["fail", "fail"]);
  });

  it("judges the first round's repairs by the last look, once the second round has healed the rest", async () => {
    const both = lookOf([leaf1, leaf2], { leaf1: "fail", leaf2: "fail" });
    const half = lookOf([leaf2], { leaf1: "fail", leaf2: "fail" });
    const { repairs } = await certifyBy(
      { looks: [both, half, healthy], applies: [applied([leaf1], "leaf1"), applied([leaf2], "leaf2")] },
      { repair: true },
    );
    expect(repairs.map(({ target, result }) => [target, result])).toEqual([
      ["leaf1", "pass"],
      ["leaf2", "pass"],
    ]);
  });

  it("is one run however many rounds it takes, with the asked-for ID", async () => {
    const script = { looks: [broken, broken, broken], applies: [applied([]), applied([])] };
    expect((await certifyBy(script, { repair: true, runId: "run-7" })).runs).toEqual(["run-7", "run-7"]);
    const { runs } = await certifyBy(script, { repair: true });
    expect(new Set(runs).size).toBe(1);
  });
});

describe("what the engine does not see", () => {
  const failing = lookOf([], { leaf1: "fail" });
  const target = named("leaf1");

  function craftOf(apply: () => Promise<Mended | undefined>): Craft {
    const cures = [`a.ok@${target}`] as const;
    const mend: Mend = { target, intent: say`mend it`, cures, first: false, apply };
    const dead = { target, spoiled: cures, silent: [], witnesses: [], provided: [] };
    return { mends: (failed) => (failed.includes(cures[0]) ? [mend] : []), replaceable: [dead] };
  }

  it("is mended, looked at again, and recorded with the checks that called for it", async () => {
    const craft = craftOf(async () => ({ action: say`set ports`, renewed: [] }));
    const { done, repairs } = await certifyBy({ looks: [failing, healthy], craft }, { repair: true });
    expect(done).toEqual(["look", "look"]);
    expect(repairs).toMatchObject([
      { target, action: "set ports", result: "pass", verifiedBy: ["a.ok@leaf1", "pve.drift"] },
    ]);
  });

  it("is mended no further once a release run has frozen the environment", async () => {
    const mended: string[] = [];
    const cures = [`a.ok@${target}`] as const;
    const mend = (name: string): Mend => ({
      ...{ target: named(name), intent: say`mend it`, cures, first: false },
      apply: async () => {
        mended.push(name);
        return { action: say`set ports`, renewed: [] };
      },
    });
    const craft: Craft = { mends: () => [mend("leaf1"), mend("leaf2")], replaceable: [] };
    const script = { looks: [failing, failing], craft, holds: [false, true, true] };
    const { repairs } = await certifyBy(script, { repair: true });
    expect(mended).toEqual(["leaf1"]);
    expect(repairs.map((repair) => repair.target)).toEqual(["leaf1"]);
  });

  it("and could not be mended is blocked, with its check", async () => {
    const craft = { ...craftOf(() => Promise.reject(new Unreadable("refused", "x"))), replaceable: [] };
    const { repairs, answers } = await certifyBy({ looks: [failing, failing], craft }, { repair: true });
    expect(repairs).toMatchObject([{ target, action: "could not mend it", result: "blocked" }]);
    expect(answers.map(({ result }) => result)).toEqual(["blocked", "pass"]);
  });

  it("and could not be mended but was made anew is recorded as that alone", async () => {
    const craft = craftOf(() => Promise.reject(new Unreadable("refused", "x")));
    const known = withResource(failing, { name: "leaf1", kept: false });
    const script = { looks: [failing, known, healthy], applies: [applied([replaced], "leaf1")], craft };
    const { repairs } = await certifyBy(script, { repair: true });
    expect(repairs.map(({ action, result }) => [action, result])).toEqual([["replaced", "pass"]]);
  });

  it("and only a person may mend is blocked with the advice, and nothing more is tried on its account", async () => {
    const craft = craftOf(() => Promise.reject(new ByHand("on pve1: qm unlock")));
    const known = withResource(failing, { name: "leaf1", kept: false });
    const { done, repairs, answers, progress } = await certifyBy(
      { looks: [known, known], craft },
      { repair: true },
    );
    expect(done).toEqual(["look", "look"]);
    expect(repairs).toMatchObject([{ target, action: "needs a person to mend it", result: "blocked" }]);
    expect(answers.map(({ result }) => result)).toEqual(["blocked", "pass"]);
    expect(progress).toContainEqual({ kind: "note", text: "leaf1: on pve1: qm unlock" });
  });

  it("and has nothing to mend after all is no repair", async () => {
    const craft = { ...craftOf(async () => undefined), replaceable: [] };
    const { repairs, answers } = await certifyBy({ looks: [failing, failing], craft }, { repair: true });
    expect(repairs).toEqual([]);
    expect(answers).toEqual(failing.answers);
  });

  it("and mending does not help is made anew, once", async () => {
    const craft = craftOf(async () => ({ action: say`set ports`, renewed: [] }));
    const known = withResource(failing, { name: "leaf1", kept: false });
    const script = { looks: [failing, known, failing], applies: [applied([replaced], "leaf1")], craft };
    const { done, repairs } = await certifyBy(script, { repair: true });
    expect(done).toEqual(["look", "look", "replace leaf1", "look"]);
    expect(repairs.map(({ action, result }) => [action, result])).toEqual([
      ["set ports", "fail"],
      ["replaced", "fail"],
    ]);
  });

  it("is not made anew where it is protected: blocked, and a person is told the command", async () => {
    const craft: Craft = { ...craftOf(async () => undefined), mends: () => [] };
    const known = withResource(failing, { name: "leaf1", kept: true });
    const { done, repairs, progress } = await certifyBy({ looks: [known, known], craft }, { repair: true });
    expect(done).toEqual(["look", "look"]);
    expect(repairs).toMatchObject([{ target, action: "could not be replaced", result: "blocked" }]);
    expect(JSON.stringify(progress)).toContain("pulumi state unprotect");
  });

  it("is recorded as taken over where its creation was cut off, also where nothing more had to be done", async () => {
    const asDeclared = { ...applied([]), complete: true };
    const script = {
      looks: [halfMade(), lookOf([], { leaf2: "pass" })],
      applies: [asDeclared],
      settles: true,
    };
    const { repairs } = await certifyBy(script, { repair: true });
    expect(repairs.map(({ target: what, action, result }) => [what, action, result])).toEqual([
      ["leaf2", "taken over, for its creation was cut off", "pass"],
    ]);
  });

  it("is not created again where nobody saw how its creation ended, and tried only once", async () => {
    const { done, repairs, progress } = await certifyBy(
      { looks: [halfMade(), halfMade()] },
      { repair: true },
    );
    expect(done).toEqual(["look", "look"]);
    expect(repairs).toMatchObject([{ target: "leaf2", result: "blocked" }]);
    expect(JSON.stringify(progress)).toContain("--clear-pending-creates");
  });
});

describe("a substrate that was never provisioned", () => {
  const absent = { ...lookOf([]), answers: [answer("pve.drift", "fail")], checkpoint: undefined };

  it("is provisioned, and everything that was made is a repair", async () => {
    const { done, repairs } = await certifyBy(
      { looks: [absent, healthy], applies: [applied([leaf2], "leaf2")] },
      { repair: true },
    );
    expect(done).toEqual(["look", "provision", "look"]);
    expect(repairs.map(({ target, action, result }) => [target, action, result])).toEqual([
      ["leaf2", "created", "pass"],
    ]);
  });

  it("of which nothing could be made is blocked, with a record for all that is missing", async () => {
    const missing = lookOf([leaf2], { leaf2: "fail" });
    const { repairs, answers } = await certifyBy(
      { looks: [absent, missing, missing], applies: [applied([]), applied([])] },
      { repair: true },
    );
    expect(repairs.map(({ target, result }) => [target, result])).toEqual([["leaf2", "blocked"]]);
    expect(answers.map(({ result }) => result)).toEqual(["blocked", "blocked"]);
  });
});

/** A look at a stack in which the creation of leaf2 was cut off. */
function halfMade(): Look {
  const look = lookOf([leaf2], { leaf2: "fail" });
  const { checkpoint } = look;
  if (checkpoint === undefined) throw new TypeError("looks have checkpoints");
  const pending = { urn: leaf2.urn, name: "leaf2", type: "a:b:C", inputs: {} };
  return { ...look, checkpoint: { ...checkpoint, pendingCreates: [pending] } };
}

/** The same look, at a stack that holds this resource. */
function withResource(look: Look, { name, kept }: { readonly name: string; readonly kept: boolean }): Look {
  const { checkpoint } = look;
  if (checkpoint === undefined) throw new TypeError("looks have checkpoints");
  const resource = { urn: urnOf(name), name, id: "100", created: "", kept, adopted: false, substance: {} };
  return { ...look, checkpoint: { ...checkpoint, resources: [resource] } };
}
