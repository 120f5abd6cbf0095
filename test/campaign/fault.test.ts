import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { prepared } from "../../src/lab/lab.ts";
import { type Manifest, manifest as model } from "../../src/manifest/model.ts";
import { substrateNames } from "../../src/substrates/index.ts";
import { type Case, everyCase, nameOf, sampled, sooner, type What } from "./fault/cases.ts";
import { type Finding, judge, type Seen } from "./fault/judge.ts";
import { everyMoment } from "./fault/moments.ts";
import { answersSince } from "./fault/transcript.ts";

const { faults } = await prepared(substrateNames);
const cases = everyCase(
  substrateNames.map((substrate) => ({
    substrate,
    faults: faults.filter((fault) => fault.substrate === substrate),
  })),
);

describe("the cases", () => {
  it("have every fault in every phase, at its own far end and where flows lead to it", () => {
    for (const { name, substrate, check, abroad } of faults) {
      const own = check.startsWith("X.") ? 0 : 1;
      const clouds = abroad === undefined ? 0 : substrateNames.length - 1;
      const found = cases.filter(({ what }) => what.kind === "fault" && what.name === name);
      expect(found.length, name).toBe(everyMoment.length * (own + clouds));
      expect(new Set(found.map((one) => one.substrate)).has(substrate), name).toBe(own === 1);
    }
  });

  it("kill a watchdog only where there is one, and no engine where none runs", () => {
    const killed = cases.filter(({ what }) => what.kind === "signal" && what.victim === "watchdog");
    expect(new Set(killed.map(({ command }) => command))).toEqual(new Set(["smoke"]));
    const engines = cases.filter(({ what }) => what.kind === "signal" && what.victim === "engine");
    expect(engines.map(({ phase }) => phase)).not.toContain("write");
  });

  it("are the same for the same seed, others for another, and each but once", () => {
    const names = (seed: number) => sampled(cases, { sample: 30, seed }).map(nameOf);
    expect(names(1)).toEqual(names(1));
    expect(names(2)).not.toEqual(names(1));
    expect(new Set(names(1)).size).toBe(30);
    expect(sampled(cases, { sample: 1e9, seed: 1 })).toHaveLength(cases.length);
  });
});

describe("a case that was too late", () => {
  const late = (after: number, phase: Case["phase"], what: What): Case => ({
    ...{ substrate: "pve", command: "look", drift: undefined, after, phase, what },
  });
  const clock: What = { kind: "clock", jump: 1 };

  it("is tried sooner, down to its phase's beginning", () => {
    const tried = [late(1_000, "probe", clock)];
    for (let next = sooner(late(1_000, "probe", clock)); next !== undefined; next = sooner(next))
      tried.push(next);
    expect(tried.map(({ after }) => after)).toEqual([1_000, 250, 62, 15, 0]);
  });

  it("is not, where that is of no help", () => {
    expect(sooner(late(3, "write", clock))).toBeUndefined();
    expect(sooner(late(1_000, "probe", { kind: "disk", state: "read-only" }))).toBeUndefined();
  });
});

describe("answers since a disturbance", () => {
  const lines = [
    { at: 100, text: "start    g.ssh@a" },
    { at: 200, text: "start    g.ssh@b" },
    { at: 900, text: "pass     g.ssh@a: answers (tries: 1) (800 ms)" },
    { at: 2_000, text: "start    g.ssh@b" },
    { at: 2_100, text: "fail     g.ssh@b: is silent (1.0 s)" },
  ];

  it("are those of checks that began after it; others are counted", () => {
    expect(answersSince(lines, "g.ssh", 500)).toEqual({
      fresh: [{ key: "g.ssh@b", result: "fail", summary: "is silent" }],
      earlier: 1,
    });
    expect(answersSince(lines, "g.hostname", 0)).toEqual({ fresh: [], earlier: 0 });
  });

  it("are told apart from those of what was being asked then, and was mended and asked again", () => {
    const course = [
      { at: 520, text: "start    g.ssh@a" },
      { at: 5_000, text: "fail     g.ssh@a: is silent (4.5 s)" },
      { at: 9_000, text: "start    g.ssh@a" },
      { at: 9_100, text: "pass     g.ssh@a: answers (100 ms)" },
    ];
    expect(answersSince(course, "g.ssh", 500)).toEqual({
      fresh: [{ key: "g.ssh@a", result: "pass", summary: "answers" }],
      earlier: 1,
    });
  });
});

const manifest = (parts: Partial<Manifest> = {}): Manifest => {
  const text = readFileSync(
    new URL("../fixtures/manifests/good/empty-policy-and-tools.json", import.meta.url),
    "utf8",
  );
  return { ...model.parse(JSON.parse(text)), ...parts };
};
const endedAt = Date.UTC(2026, 10, 28);
const until = (hours: number) => new Date(endedAt + hours * 3_600_000).toISOString();
const passed = { kind: "manifest", manifest: manifest({ status: "pass", expiresAt: until(24) }) } as const;
const check = { component: "pve", checkedAt: until(0) } as const;
const failed = (name: string) =>
  ({
    kind: "manifest",
    manifest: manifest({ status: "fail", checks: [{ ...check, name, result: "fail" }] }),
  }) as const;

const kill: What = { kind: "signal", signal: "SIGKILL", victim: "certifier" };
const down: What = { kind: "fault", name: "down", check: "pve.tls", shows: "blocked", breaks: "pve/down" };
const silent: What = { ...down, check: "g.ssh", shows: "fail" };
const look = { substrate: "pve", command: "look", phase: "preview", after: 0, drift: undefined } as const;
const whole = { came: "at once", differed: [], trouble: "" } as const;

function found(what: What, seen: Partial<Seen>, one: Partial<Case> = {}, known: readonly string[] = []) {
  const ended = { late: false, rivals: [], next: whole, endedAt, lasted: 3_000, left: [] };
  const all = { shown: true, deedAt: 500, lines: [], ...ended };
  const given: Seen = { ...all, exit: 3, evidence: { kind: "old" }, ...seen };
  const figures = (findings: readonly Finding[]) => findings.map(({ figure }) => figure);
  return figures(judge({ ...look, what, ...one }, given, new Set(known)));
}

describe("the judge", () => {
  it("finds nothing where a kill left the old evidence, or a run was blocked or passed a world that is whole", () => {
    expect(found(kill, { exit: undefined })).toEqual([]);
    expect(found(down, { exit: 3 })).toEqual([]);
    expect(found(down, { exit: 0, evidence: passed })).toEqual([]);
  });

  it("lets a signal end a command that has not said anything yet, and none that has, but by a kill", () => {
    const lines = [{ at: 400, text: "looking at lab-pve" }];
    expect(found({ ...kill, signal: "SIGTERM" }, { exit: undefined })).toEqual([]);
    expect(found({ ...kill, signal: "SIGTERM" }, { exit: undefined, lines })).toEqual(["wrong class"]);
    expect(found(kill, { exit: undefined, lines })).toEqual([]);
    const nothing = { exit: undefined, evidence: { kind: "absent" } } as const;
    const smoke = { command: "smoke", phase: "begin" } as const;
    expect(found(kill, nothing, smoke)).toEqual([]);
    expect(found(kill, { ...nothing, lines }, smoke)).toEqual(["lost evidence"]);
    expect(found({ ...kill, victim: "engine" }, { exit: undefined })).toEqual(["wrong class"]);
  });

  it("calls a pass false where something was still to be repaired, or that is valid for longer than asked", () => {
    const next = { ...whole, differed: ["repair   a: created"] };
    expect(found(kill, { exit: 0, evidence: passed, next })).toEqual(["false pass"]);
    const late = { kind: "manifest", manifest: manifest({ status: "pass", expiresAt: until(49) }) } as const;
    expect(found({ kind: "clock", jump: 1 }, { exit: 0, evidence: late })).toEqual(["false pass"]);
  });

  it("wants the class of a fault from the check that shows it, once that began after the fault", () => {
    const answered = (result: string) => [
      { at: 2_000, text: "start    g.ssh@a" },
      { at: 2_100, text: `${result.padEnd(8)} g.ssh@a: said (1 ms)` },
    ];
    expect(found(silent, { lines: answered("fail") })).toEqual([]);
    expect(found(silent, { lines: answered("blocked") })).toEqual(["wrong class"]);
    expect(found(silent, { lines: answered("pass") })).toEqual(["false pass"]);
    expect(found(silent, { lines: answered("pass"), deedAt: 1_900 })).toEqual([]);
    const hung: What = { ...silent, mendable: true };
    expect(found(hung, { lines: answered("pass") }, { phase: "re-check" })).toEqual(["false pass"]);
    const repair = { phase: "up", drift: "vm-deleted" } as const;
    expect(found(hung, { lines: answered("pass") }, repair)).toEqual([]);
    expect(found(hung, { lines: answered("pass") }, { ...repair, drift: "vm-untagged" })).toEqual([
      "false pass",
    ]);
  });

  it("lets nothing fail that the drift alone does not, but by a fault that shows", () => {
    expect(found(down, { exit: 1, evidence: failed("pve.placement") })).toEqual(["wrong class"]);
    expect(found(down, { exit: 1, evidence: failed("pve.fw") }, {}, ["pve.fw"])).toEqual([]);
    expect(found(silent, { exit: 1, evidence: failed("pve.l3") })).toEqual([]);
  });

  it("counts evidence that is lost, half-written or says something else than the exit code", () => {
    expect(found(down, { evidence: { kind: "half" } })).toEqual(["lost evidence"]);
    expect(found(down, { evidence: { kind: "absent" } })).toEqual(["lost evidence"]);
    expect(found(down, { exit: 1, evidence: passed })).toEqual(["lost evidence"]);
    expect(found(down, { exit: 0 })).toEqual(["lost evidence"]);
    // By the clock that was set forward it has expired already.
    const [ahead, little]: What[] = [25, 1].map((hours) => ({ kind: "clock", jump: hours * 3_600_000 }));
    expect(ahead && found(ahead, { exit: 1, evidence: passed })).toEqual([]);
    expect(ahead && found(ahead, { exit: 0, evidence: passed })).toEqual(["lost evidence"]);
    expect(little && found(little, { exit: 1, evidence: passed })).toEqual(["lost evidence"]);
    // The verdict was there already.
    expect(ahead && found(ahead, { exit: 0, evidence: passed, deedAt: 2_800 })).toEqual([]);
  });

  it("counts runs that hang, crash or leave something, and stacks that stay unusable", () => {
    expect(found(down, { late: true })).toEqual(["hung"]);
    expect(found(down, { exit: 2 })).toEqual(["wrong class"]);
    expect(found(down, { left: ["process pulumi up"] })).toEqual(["left"]);
    expect(found(down, { next: { ...whole, came: "never", trouble: "exit 3" } })).toEqual(["unusable"]);
  });

  it("judges rivals as it judges the run", () => {
    expect(
      found({ kind: "rival", rivals: ["certifier"] }, { rivals: [{ exit: 0, evidence: { kind: "half" } }] }),
    ).toEqual(["lost evidence", "lost evidence"]);
  });
});
