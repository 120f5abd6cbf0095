import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Progress } from "../../../src/certification/progress.ts";
import type { Result } from "../../../src/check/outcome.ts";
import { type Choice, openProgress, type Reporter } from "../../../src/cli/progress.ts";
import type { Screen } from "../../../src/cli/terminal.ts";
import { FakeClock, FakeFile, FakeTerminal } from "./screen.ts";

const spoken = { quiet: false, json: false, verbose: false };
const verbose = { ...spoken, verbose: true };

const story: Progress[] = [
  { kind: "phase", text: "checking lab-one" },
  started("g.ssh", "leaf1"),
  started("x.tls"),
  answered("x.tls", "pass"),
  answered("g.ssh", "fail", "leaf1"),
  answered("g.hostname", "blocked", "leaf1"),
  answered("x.mtu", "skipped"),
  { kind: "repaired", target: "leaf1", action: "replaced", result: "pass" },
  { kind: "note", text: "one thing more" },
];

const plainStory = [
  "phase    checking lab-one",
  "start    g.ssh@leaf1",
  "start    x.tls",
  "pass     x.tls: as it should be (1.5 s)",
  "fail     g.ssh@leaf1: as it should be (1.5 s)",
  "blocked  g.hostname@leaf1: as it should be (1.5 s)",
  "skipped  x.mtu: as it should be (1.5 s)",
  "repair   leaf1: replaced — pass",
  "note     one thing more",
  "",
].join("\n");

describe("plain lines", () => {
  test("stand in a log, one for each event, without codes", () => {
    const { stdout, stderr, reporter } = open(new FakeFile(), { choice: verbose });
    tell(reporter, story);
    expect(stdout.text).toBe(plainStory);
    expect(stderr.text).toBe("");
  });

  test.each([
    ["NO_COLOR is set", { NO_COLOR: "1" }],
    ["the terminal is a dumb one", { TERM: "dumb" }],
  ])("stand on a terminal where %s", (_why, env) => {
    const { stdout, reporter } = open(new FakeTerminal(80, 24), { env, choice: verbose });
    tell(reporter, story);
    expect(stdout.raw).toBe(plainStory);
  });

  test("go to standard error with --json, which leaves standard output to the document", () => {
    const { stdout, stderr, reporter } = open(new FakeTerminal(80, 24), {
      choice: { quiet: false, json: true, verbose: true },
    });
    tell(reporter, story);
    expect(stdout.raw).toBe("");
    expect(stderr.text).toBe(plainStory);
  });

  test("count on a terminal what stands behind a closed gate, and show the gate alone", () => {
    const { stdout, reporter } = open(new FakeTerminal(80, 24));
    reporter.report(answered("x.api", "blocked"));
    reporter.report({
      kind: "answered",
      check: "x.nodes",
      result: "blocked",
      summary: "x",
      gated: true,
      ms: 0,
    });
    reporter[Symbol.dispose]();
    expect(stdout.visible.slice(0, 2)).toEqual([
      "blocked  x.api: as it should be (1.5 s)",
      "0 passed, 2 blocked · 0 ms",
    ]);
  });

  test("say with --verbose on a terminal also what went well", () => {
    const { stdout, reporter } = open(new FakeTerminal(80, 24), { choice: verbose });
    reporter.report(answered("x.api", "pass"));
    reporter[Symbol.dispose]();
    expect(stdout.visible[0]).toBe("pass     x.api: as it should be (1.5 s)");
  });

  test("leave beginnings out unless --verbose asks for them", () => {
    const { stdout, reporter } = open(new FakeFile(), {
      choice: { quiet: false, json: false, verbose: false },
    });
    tell(reporter, story);
    expect(stdout.text).toBe(plainStory.replaceAll(/^start .*\n/gm, ""));
  });

  test.each([true, false])("are not written with --quiet (--json: %s)", (json) => {
    const { stdout, stderr, reporter } = open(new FakeTerminal(80, 24), {
      choice: { quiet: true, json, verbose: false },
    });
    tell(reporter, story);
    expect(stdout.raw + stderr.text).toBe("");
  });

  test("carry no control characters of a text to the reader", () => {
    const { stdout, reporter } = open(new FakeFile(), { choice: verbose });
    reporter.report({ kind: "note", text: "a\u001b[2Jb\nc" });
    reporter.report(started("x\u0007", "y\r"));
    expect(stdout.text).toBe("note     a [2Jb c\nstart    x @y \n");
  });

  test("that nobody reads any more do not end the process", async () => {
    const program = fileURLToPath(new URL("../../fixtures/programs/report-progress.ts", import.meta.url));
    const child = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "pipe"] });
    await once(child.stdout, "data");
    child.stdout.destroy();
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
    expect({ said, code }).toEqual({ said: "came to its end\n", code: 0 });
  });
});

describe("the live block", () => {
  test("shows what runs and for how long, and what went well as a count", () => {
    const { stdout, clock, reporter } = open(new FakeTerminal(80, 24));
    reporter.report(started("g.ssh", "leaf1"));
    clock.advance(1_000);
    reporter.report(started("x.api"));
    reporter.report(started("x.tls"));
    clock.advance(400);
    expect(stdout.visible).toEqual([
      "  g.ssh@leaf1  1.4 s",
      "  x.api        400 ms",
      "  x.tls        400 ms",
      "0 passed, 3 running · 1.4 s",
    ]);
    reporter.report(answered("x.api", "pass"));
    clock.advance(200);
    expect(stdout.visible).toEqual([
      "  g.ssh@leaf1  1.6 s",
      "  x.tls        600 ms",
      "1 passed, 2 running · 1.6 s",
    ]);
  });

  test("keeps failures, repairs and notes above it, and leaves them with the counts", () => {
    const { stdout, clock, reporter } = open(new FakeTerminal(80, 24));
    for (const event of story) {
      reporter.report(event);
      clock.advance(200);
    }
    reporter[Symbol.dispose]();
    expect(stdout.visible).toEqual([
      "phase    checking lab-one",
      "fail     g.ssh@leaf1: as it should be (1.5 s)",
      "blocked  g.hostname@leaf1: as it should be (1.5 s)",
      "repair   leaf1: replaced — pass",
      "note     one thing more",
      "1 passed, 1 failed, 1 blocked, 1 skipped · 1.8 s",
      "",
    ]);
  });

  test("counts the last answer of a check that a repair has asked again, and says that it recovered", () => {
    const { stdout, reporter } = open(new FakeTerminal(80, 24));
    tell(reporter, [
      answered("g.ssh", "fail", "leaf1"),
      answered("g.ssh", "fail", "leaf2"),
      answered("g.ssh", "pass", "leaf1"),
    ]);
    expect(stdout.visible).toEqual([
      "fail     g.ssh@leaf1: as it should be (1.5 s)",
      "fail     g.ssh@leaf2: as it should be (1.5 s)",
      "pass     g.ssh@leaf1: as it should be (1.5 s)",
      "1 passed, 1 failed · 0 ms",
      "",
    ]);
  });

  test.each([24, 10, 4, 2, 1])("takes half of %i rows at most, and what it hides it counts", (rows) => {
    const { stdout, clock, reporter } = open(new FakeTerminal(40, rows));
    reporter.report(answered("x.api", "fail"));
    for (let count = 0; count < 100; count++) reporter.report(started(`x.check${count}`));
    clock.advance(1_000);
    const block = stdout.history.slice(stdout.history.findIndex((line) => line.startsWith("fail")) + 1);
    expect(stdout.history.filter((line) => line.startsWith("fail"))).toHaveLength(1);
    expect(block.length).toBeLessThanOrEqual(Math.max(1, Math.floor(rows / 2)));
    expect(block.at(-1)).toBe("0 passed, 1 failed, 100 running · 1.0 s");
    if (rows >= 4) expect(block.at(-2)).toBe(`  … and ${100 - (block.length - 2)} more`);
  });

  test("cuts its own lines to the width and lets the failures' break whole", () => {
    const { stdout, clock, reporter } = open(new FakeTerminal(20, 24));
    reporter.report(started("x.a-very-long-name", "and-target"));
    reporter.report(answered("x.api", "fail"));
    clock.advance(400);
    expect(stdout.visible).toEqual([
      "fail     x.api: as i",
      "t should be (1.5 s)",
      "  x.a-very-long-na…",
      "0 passed, 1 failed…",
    ]);
  });

  test("leaves no rests of itself when the terminal has become narrower and broken its lines", () => {
    const { stdout, clock, reporter } = open(new FakeTerminal(30, 24));
    reporter.report(started("x.a-very-long-name", "target"));
    clock.advance(200);
    stdout.resize(15);
    clock.advance(200);
    expect(stdout.visible).toEqual(["  x.a-very-lo…", "0 passed, 1 r…"]);
  });

  test("is drawn at most five times a second, however much happens", () => {
    const { stdout, clock, reporter } = open(new FakeTerminal(80, 24));
    for (let count = 0; count < 1_000; count++) {
      reporter.report(answered(`x.check${count}`, "blocked"));
      clock.advance(1);
    }
    expect(stdout.writes).toBe(5);
    reporter[Symbol.dispose]();
    expect(stdout.history.filter((line) => line.startsWith("blocked"))).toHaveLength(1_000);
  });

  test("waits with drawing for a terminal that has not taken the last one", () => {
    const { stdout, clock, reporter } = open(new FakeTerminal(80, 24));
    reporter.report(answered("x.api", "fail"));
    stdout.stall();
    clock.advance(10_000);
    expect(stdout.writes).toBe(1);
    stdout.recover();
    clock.advance(200);
    expect(stdout.visible.filter((line) => line.startsWith("fail"))).toHaveLength(1);
    expect(stdout.writes).toBe(2);
  });

  test("hides the cursor, gives it back at its end and stops its clock", () => {
    const { stdout, clock, reporter, exits } = open(new FakeTerminal(80, 24));
    clock.advance(200);
    expect(stdout.cursorVisible).toBe(false);
    reporter[Symbol.dispose]();
    expect(stdout.cursorVisible).toBe(true);
    expect(clock.beating).toBe(0);
    expect(exits.size).toBe(0);
  });

  test("gives the cursor back and tells what it kept when the process ends without it", () => {
    const { stdout, clock, reporter, exits } = open(new FakeTerminal(80, 24));
    clock.advance(200);
    reporter.report(answered("x.api", "fail"));
    for (const restore of exits) restore();
    expect(stdout.cursorVisible).toBe(true);
    expect(stdout.visible[0]).toBe("fail     x.api: as it should be (1.5 s)");
  });
});

function open<S extends Screen>(
  stdout: S,
  { env = {}, choice = spoken }: { env?: Record<string, string>; choice?: Choice } = {},
) {
  const stderr = new FakeFile();
  const clock = new FakeClock();
  const exits = new Set<() => void>();
  const atExit = (restore: () => void) => {
    exits.add(restore);
    return () => void exits.delete(restore);
  };
  return {
    stdout,
    stderr,
    clock,
    exits,
    reporter: openProgress(choice, { stdout, stderr, env, clock, atExit }),
  };
}

function tell(reporter: Reporter, events: readonly Progress[]): void {
  for (const event of events) reporter.report(event);
  reporter[Symbol.dispose]();
}

function started(check: string, target?: string): Progress {
  return { kind: "started", check, target };
}

function answered(check: string, result: Result, target?: string): Progress {
  return { kind: "answered", check, target, result, summary: "as it should be", gated: false, ms: 1_500 };
}
