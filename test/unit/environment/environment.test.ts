import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { common } from "../../../src/environment/common.ts";
import { duration, showDuration } from "../../../src/environment/duration.ts";
import { name } from "../../../src/environment/name.ts";
import { withOverlay } from "../../../src/environment/overlay.ts";
import { Problem } from "../../../src/environment/problem.ts";
import { newRun, run, runId } from "../../../src/environment/run.ts";
import { secret } from "../../../src/environment/secret.ts";
import { decodeValues, parseSection } from "../../../src/environment/section.ts";
import { configFile, parseStack, stackOf } from "../../../src/environment/stack.ts";

/** The one line that a person sees. */
function problemOf(attempt: () => unknown): string {
  try {
    attempt();
  } catch (error) {
    if (error instanceof Problem) return error.message;
    throw error;
  }
  throw new Error("no problem");
}

describe("a duration", () => {
  it.each([
    ["30s", 30_000],
    ["15m", 900_000],
    ["24h", 86_400_000],
    ["7d", 604_800_000],
  ])("%s is %i ms", (text, ms) => {
    expect(duration.parse(text)).toBe(ms);
  });

  it.each(["", "0s", "05m", "5", "5w", "1.5h", "-1s", " 1s", "1s\n", "1h30m", `${"9".repeat(30)}d`])(
    "is not %j",
    (text) => {
      expect(duration.safeParse(text).success).toBe(false);
    },
  );

  it.each([
    [850, "850 ms"],
    [3_210, "3.2 s"],
    [125_000, "2 m 05 s"],
  ])("of %i ms is shown as %s", (ms, text) => {
    expect(showDuration(ms)).toBe(text);
  });

  it("is never shown with more than 59 seconds", () => {
    expect(showDuration(59_999)).toBe("1 m 00 s");
    expect(showDuration(119_999)).toBe("2 m 00 s");
    expect(showDuration(999.9)).toBe("1.0 s");
  });
});

describe("a logical name", () => {
  it.each(["a", "leaf1", "sam-full", "a".repeat(40)])("may be %s", (text) => {
    expect(name.parse(text)).toBe(text);
  });

  it.each(["", "1a", "-a", "Leaf", "a_b", "a.b", "10.0.0.1", "a b", "leaf1\n", "a".repeat(41)])(
    "may not be %j",
    (text) => {
      expect(name.safeParse(text).success).toBe(false);
    },
  );
});

describe("a release run", () => {
  it("has an ID of its own and a week to live", () => {
    const made = newRun(new Date("2026-11-22T16:01:45.123Z"));
    expect(made.id).toMatch(/^run-20261122-160145-[0-9a-z]{4}$/);
    expect(made.expiresAt).toBe("2026-11-29T16:01:45.123Z");
    expect(run.parse(made)).toEqual(made);
  });

  it("takes the ID that it is given", () => {
    expect(newRun(new Date(), "release-7").id).toBe("release-7");
  });

  it.each(["ab", "7run", "Run", "run_7", "a".repeat(33), "run-7\n", "*", ""])("is not called %j", (text) => {
    expect(runId.safeParse(text).success).toBe(false);
  });
});

describe("a stack", () => {
  it.each([
    ["lab-pve", "lab", "pve"],
    ["my-lab-2-aws", "my-lab-2", "aws"],
  ])("%s is %s on %s, and back", (stack, environment, substrate) => {
    expect(parseStack(stack)).toEqual({ environment, substrate });
    expect(stackOf({ environment, substrate })).toBe(stack);
    expect(configFile(stack)).toBe(`stacks/Pulumi.${stack}.yaml`);
  });

  it.each(["lab", "-pve", "lab-", ""])("is not %j", (stack) => {
    expect(() => parseStack(stack)).toThrow(Problem);
  });
});

describe("a section", () => {
  const model = z.strictObject({
    mtu: z.number(),
    nested: z.strictObject({ node: name }).optional(),
    list: z.array(z.number()).optional(),
    token: secret.optional(),
  });
  const problem = (raw: Record<string, unknown>) =>
    problemOf(() => parseSection(raw, "pve", { model, origin: "stacks/x.yaml" }));

  it("takes its own keys and leaves others alone", () => {
    expect(parseSection({ "pve:mtu": 1500, "aws:mtu": "?" }, "pve", { model, origin: "" })).toEqual({
      mtu: 1500,
    });
  });

  it.each<[Record<string, unknown>, string]>([
    [{}, "stacks/x.yaml pve:mtu: expected number, received undefined — correct the stack config"],
    [
      { "pve:mtu": "1500" },
      "stacks/x.yaml pve:mtu: expected number, received string — correct the stack config",
    ],
    [
      { "pve:mtu": 1, "pve:mut": 2 },
      "stacks/x.yaml pve:mut: expected a known key — correct the stack config",
    ],
    [
      { "pve:mtu": 1, "pve:nested": { node: "a", nod: 1 } },
      "stacks/x.yaml pve:nested.nod: expected a known key — correct the stack config",
    ],
    [
      { "pve:mtu": 1, "pve:list": [1, "b"] },
      "stacks/x.yaml pve:list.1: expected number, received string — correct the stack config",
    ],
    [
      { "pve:mtu": 1, "pve:nested": { node: "A" } },
      "stacks/x.yaml pve:nested.node: expected a logical name: lower case letters, digits and dashes, at most 40 — correct the stack config",
    ],
  ])("that is %j has one line with file, key and expectation", (raw, line) => {
    expect(problem(raw)).toBe(line);
  });

  it("stays one line whatever a key is called, and shows no value", () => {
    const line = problem({ "pve:mtu": 1, "pve:a\nb": 1 });
    expect(line).not.toContain("\n");
    expect(problem({ "pve:mtu": "hunter2" })).not.toContain("hunter2");
  });

  it("keeps a secret to itself, however it is printed", () => {
    const parsed = parseSection({ "pve:mtu": 1, "pve:token": "hunter2" }, "pve", { model, origin: "" });
    const shown = [
      String(parsed.token),
      JSON.stringify(parsed),
      inspect(parsed),
      `${Object.values(parsed)}`,
    ].join();
    expect(shown).not.toContain("hunter2");
    expect(parsed.token?.reveal()).toBe("hunter2");
  });

  it("has objects and lists from the engine as files have them", () => {
    expect(decodeValues({ a: '{"b":[1]}', c: "[1]", d: "text", e: "12" })).toEqual({
      a: { b: [1] },
      c: [1],
      d: "text",
      e: "12",
    });
    expect(problemOf(() => decodeValues({ "pve:a": "{not json hunter2" }))).toBe(
      "config pve:a: expected JSON — set it again with `pulumi config set`",
    );
  });

  it("of every stack has its defaults in milliseconds, and a port as number whether it came as text or not", () => {
    const jump = { host: "h", port: "22", user: "u", hostKey: "ssh-ed25519 AAAA" };
    const parsed = common.parse({ topology: "t", sshKey: "k", jump });
    expect([parsed.connectTimeout, parsed.bootDeadline, parsed.jump?.port]).toEqual([10_000, 300_000, 22]);
  });
});

describe("the overlay", () => {
  const file = (text: string) => {
    const path = join(mkdtempSync(join(tmpdir(), "overlay-")), "overlay.json");
    writeFileSync(path, text);
    return path;
  };

  it("lies over the values of its stack and of no other", () => {
    const path = file('{"lab-pve":{"pve:endpoint":"b"},"lab-aws":{"aws:x":1}}');
    const raw = { "pve:endpoint": "a", "pve:user": "u" };
    expect(withOverlay(raw, "lab-pve", path)).toEqual({ "pve:endpoint": "b", "pve:user": "u" });
    expect(withOverlay(raw, "prod-pve", path)).toEqual(raw);
  });

  it.each([undefined, ""])("is none where its name is %j", (path) => {
    expect(withOverlay({ a: 1 }, "lab-pve", path)).toEqual({ a: 1 });
  });

  it.each([
    ["no JSON", "{hunter2"],
    ["another shape", '{"lab-pve":"hunter2"}'],
    ["a list", "[]"],
  ])("that is %s is a problem in one line", (_what, text) => {
    const line = problemOf(() => withOverlay({}, "lab-pve", file(text)));
    expect(line).toMatch(/^SUBSTRATE_OVERLAY .*: expected a readable JSON file: stack → key → value — /);
    expect(line).not.toContain("hunter2");
  });

  it("that is missing is a problem", () => {
    expect(() => withOverlay({}, "lab-pve", "/nowhere/overlay.json")).toThrow(Problem);
  });
});
