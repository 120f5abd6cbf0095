import { describe, expect, it } from "vitest";
import { type Craft, namesOf, nextStep } from "../../../src/certification/step.ts";
import type { Answer } from "../../../src/check/check.ts";
import type { CheckKey } from "../../../src/check/key.ts";
import { say } from "../../../src/check/outcome.ts";
import type { Mend } from "../../../src/substrates/substrate.ts";
import { answer } from "../../support/certification.ts";
import { named } from "../../support/checks.ts";

const [leaf1, leaf2] = [named("leaf1"), named("leaf2")];

function mendOf(check: "b.ports" | "b.staged" | "c.seed"): Mend {
  const apply = async () => ({ action: say`mended`, renewed: [] });
  return { target: leaf1, intent: say`mend ${check}`, cures: [check], first: check === "b.staged", apply };
}

const craft: Craft = {
  mends: (failed) =>
    (["b.ports", "b.staged", "c.seed"] as const).flatMap((id) => (failed.includes(id) ? [mendOf(id)] : [])),
  replaceable: [
    {
      target: leaf1,
      spoiled: [`pve.qga@${leaf1}`],
      silent: [`g.ssh@${leaf1}`],
      witnesses: [`g.ssh@${leaf2}`],
      provided: ["b.live", "b.absent"],
    },
  ],
};

/** What comes next: the kind of step and its targets. */
function next(answers: readonly Answer[], tried: readonly string[] = [], ...byHand: CheckKey[]): string {
  const step = nextStep(answers, craft, { tried, byHand: new Set(byHand) });
  return step === undefined ? "nothing" : [step.kind, ...namesOf(step)].join(" ");
}

const dead = [answer("g.ssh", "fail", "leaf1"), answer("pve.qga", "fail", "leaf1")];
const drift = { pass: answer("pve.drift", "pass"), fail: answer("pve.drift", "fail") };

describe("the next step of a repair", () => {
  it("is none where nothing fails", () => {
    expect(next([answer("b.ports", "pass"), drift.pass])).toBe("nothing");
  });

  it.each(["blocked", "skipped"] as const)("is none while the drift is %s", (result) => {
    expect(next([answer("b.ports", "fail"), ...dead, answer("pve.drift", result)])).toBe("nothing");
  });

  it("is telling a person what only a person can do, be the drift blocked or not", () => {
    const telling = { ...mendOf("b.ports"), tells: true as const };
    const told = (result: Answer["result"]) =>
      nextStep(
        [answer("b.ports", "fail"), answer("c.seed", "fail"), answer("pve.drift", result)],
        { mends: () => [telling, mendOf("c.seed")], replaceable: [] },
        { tried: [], byHand: new Set() },
      );
    expect(told("blocked")).toEqual({ kind: "mend", mends: [telling] });
    expect(told("pass")).toMatchObject({ kind: "mend", mends: { length: 2 } });
  });

  it("is none where what it would mend is blocked", () => {
    expect(next([answer("b.ports", "blocked"), answer("g.ssh", "blocked", "leaf1"), drift.pass])).toBe(
      "nothing",
    );
  });

  it("is converging where something differs, whatever else fails", () => {
    expect(next([answer("b.ports", "fail"), ...dead, drift.fail])).toBe("converge converge");
  });

  it("is the mend that must come before the engine, where there is one", () => {
    const answers = [answer("b.staged", "fail"), answer("b.ports", "fail"), drift.fail];
    expect(next(answers)).toBe("mend mend b.staged leaf1");
    expect(next(answers, ["mend b.staged leaf1"])).toBe("converge converge");
  });

  it("is converging twice, no oftener; then what else there is", () => {
    const answers = [answer("b.ports", "fail"), drift.fail];
    expect(next(answers, ["converge"])).toBe("converge converge");
    expect(next(answers, ["converge", "converge"])).toBe("mend mend b.ports leaf1");
  });

  it("is still converging after as many mends, for those are something else", () => {
    const tried = ["mend b.staged leaf1", "mend b.ports leaf1"];
    expect(next([answer("b.ports", "fail"), drift.fail], tried)).toBe("converge converge");
  });

  it("is none where nobody has looked for drift at all", () => {
    expect(next([answer("b.ports", "fail")])).toBe("nothing");
  });

  it("replaces a guest of which one thing is spoiled, whatever passes beside it, and does not wait for that very thing", () => {
    const spoiled = [`pve.qga@${leaf1}`, `pve.ci@${leaf1}`] as const;
    const one = {
      ...{ target: leaf1, spoiled, silent: [`g.ssh@${leaf1}`] as const },
      ...{
        witnesses: [`g.ssh@${leaf2}`, `g.boot@${leaf2}`] as const,
        provided: [spoiled[0], "b.live"] as const,
      },
    };
    const stepOf = (...answers: readonly Answer[]) =>
      nextStep(
        [...answers, drift.pass],
        { mends: () => [], replaceable: [one] },
        { tried: [], byHand: new Set() },
      )?.kind;
    const half = [answer("pve.qga", "fail", "leaf1"), answer("pve.ci", "pass", "leaf1")];
    expect(stepOf(...half)).toBe("replace");
    expect(stepOf(...half, answer("b.live", "fail"))).toBeUndefined();
    expect(stepOf(answer("pve.qga", "blocked", "leaf1"), answer("pve.ci", "fail", "leaf1"))).toBeUndefined();
    const silent = [answer("g.ssh", "fail", "leaf1"), answer("g.ssh", "pass", "leaf2")];
    expect(stepOf(...silent, answer("g.boot", "fail", "leaf2"))).toBe("replace");
  });

  it("leaves alone what waits for a person", () => {
    expect(next([answer("b.ports", "fail"), drift.pass], [], "b.ports")).toBe("nothing");
    expect(next([...dead, drift.pass], [], `g.ssh@${leaf1}`, `pve.qga@${leaf1}`)).toBe("nothing");
  });

  it("is mending, all at once, where nothing differs; a guest that is dead has to wait for that", () => {
    expect(next([answer("b.ports", "fail"), answer("c.seed", "fail"), ...dead, drift.pass])).toBe(
      "mend mend b.ports leaf1 mend c.seed leaf1",
    );
  });

  it("is replacing a dead guest once the mends were tried, and that only once", () => {
    const answers = [answer("c.seed", "fail"), ...dead, drift.pass];
    expect(next(answers, ["mend c.seed leaf1"])).toBe("replace leaf1");
    expect(next(answers, ["mend c.seed leaf1", "leaf1"])).toBe("nothing");
  });

  it("replaces nothing while what the guest stands on is not proven", () => {
    expect(next([...dead, answer("b.live", "blocked"), drift.pass])).toBe("nothing");
    expect(next([...dead, answer("b.live", "pass"), drift.pass])).toBe("replace leaf1");
  });

  it("replaces a guest that is silent on the network alone only where a witness shows that the network leads there", () => {
    const silent = [answer("g.ssh", "fail", "leaf1"), answer("pve.qga", "pass", "leaf1")];
    expect(next([...silent, answer("g.ssh", "fail", "leaf2"), drift.pass])).toBe("nothing");
    expect(next([...silent, answer("g.ssh", "pass", "leaf2"), drift.pass])).toBe("replace leaf1");
  });

  it("never touches something that answers with another identity", () => {
    const impostor: Answer = { ...answer("g.ssh", "fail", "leaf1"), impostor: true };
    expect(next([impostor, answer("pve.qga", "fail", "leaf1"), drift.pass])).toBe("nothing");
    expect(next([{ ...answer("b.ports", "fail"), impostor: true }, drift.pass])).toBe("nothing");
  });
});
