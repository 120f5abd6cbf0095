import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll, describe, expect, it } from "vitest";
import { answerBatch, isDriver } from "../../../src/probes/double.ts";
import {
  driverArgv,
  driverCommand,
  driverScript,
  encodeBatch,
  longestOf,
  outputBound,
} from "../../../src/probes/driver.ts";
import { decodeFrames } from "../../../src/probes/frames.ts";
import type { Probe, Reading } from "../../../src/probes/transport.ts";
import { shells } from "./shells.ts";

const nonce = "0123456789abcdef";
const probe = (id: string, ...argv: [string, ...string[]]): Probe => ({ id, argv, timeout: 20 });

const all = await shells();
afterAll(() => {
  for (const { name, argv, missing } of all)
    if (name === "busybox ash" && missing === undefined) rmSync(dirname(argv[0]), { recursive: true });
});

const titled = all.map((shell) => ({
  ...shell,
  title: shell.missing === undefined ? shell.name : `${shell.name}, skipped: ${shell.missing}`,
}));

describe.concurrent.each(titled)("the driver under $title", ({ argv, path, missing }) => {
  const test = it.skipIf(missing !== undefined);

  async function print(probes: readonly Probe[]): Promise<string> {
    const [shell, ...flags] = argv;
    // SHLVL as driverArgv has it; bash would take a socket on stdin for a remote shell's and read ~/.bashrc.
    const { stdout, stderr } = await execa(shell, [...flags, "-c", driverScript], {
      input: encodeBatch(probes, nonce),
      env: { PATH: path, SHLVL: "1" },
      extendEnv: false,
      stripFinalNewline: false,
      maxBuffer: 100_000_000,
    });
    expect(stderr).toBe("");
    return stdout;
  }

  async function run(...probes: readonly Probe[]): Promise<(id: string) => Reading | undefined> {
    const readings = decodeFrames(await print(probes), probes, nonce);
    return (id) => readings.get(id);
  }

  test("hands words over byte by byte", async () => {
    const words = [
      "a  b",
      "'\"`$HOME$(id)`\\",
      "line\nline\n\n",
      "é ü \u{1f600}",
      "",
      " ",
      "*",
      "-n",
      "=x",
      "+x",
      "%s\\0101",
    ];
    const read = await run(probe("words", "printf", "[%s]", ...words));
    expect(read("words")).toEqual({
      exit: 0,
      stdout: words.map((word) => `[${word}]`).join(""),
      stderr: "",
      truncated: false,
    });
  });

  test("tells exit code, stdout and stderr apart", async () => {
    const read = await run(
      probe("both", "sh", "-c", "echo out; echo err >&2; exit 7"),
      probe("neither", "true"),
      probe("unknown", "no-such-command"),
    );
    expect(read("both")).toEqual({ exit: 7, stdout: "out\n", stderr: "err\n", truncated: false });
    expect(read("neither")).toEqual({ exit: 0, stdout: "", stderr: "", truncated: false });
    expect(read("unknown")).toMatchObject({ exit: 127, stdout: "" });
    expect(read("unknown")?.stderr).toContain("no-such-command");
  });

  test("runs probes side by side: two that wait for each other both end", async () => {
    const folder = mkdtempSync(join(tmpdir(), "rendezvous-"));
    const [there, back] = [join(folder, "there"), join(folder, "back")];
    await execa("mkfifo", [there, back]);
    try {
      const read = await run(
        probe("first", "sh", "-c", `echo ping >${there}; cat ${back}`),
        probe("second", "sh", "-c", `cat ${there}; echo pong >${back}`),
      );
      expect(read("first")).toMatchObject({ exit: 0, stdout: "pong\n" });
      expect(read("second")).toMatchObject({ exit: 0, stdout: "ping\n" });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("ends what takes too long and keeps what it said, also where it does not listen", async () => {
    const stubborn = "trap '' TERM; while true; do sleep 1; done";
    const read = await run(
      { id: "slow", argv: ["sh", "-c", "echo begun; exec sleep 60"], timeout: 1 },
      { id: "stubborn", argv: ["sh", "-c", stubborn], timeout: 1 },
      probe("quick", "echo"),
    );
    // 137 where the machine was too busy for it to die of the first signal within its second.
    expect([124, 137]).toContain(read("slow")?.exit);
    expect(read("slow")?.stdout).toBe("begun\n");
    expect([124, 137]).toContain(read("stubborn")?.exit);
    expect(read("quick")).toMatchObject({ exit: 0 });
  });

  test("cuts endless output and says so", async () => {
    const read = await run(
      probe("out", "yes"),
      probe("err", "sh", "-c", "exec yes >&2"),
      probe("beside", "echo", "x"),
    );
    expect(read("out")).toMatchObject({ truncated: true, stdout: "y\n".repeat(outputBound / 2) });
    expect(read("err")).toMatchObject({ truncated: true, stdout: "", stderr: "y\n".repeat(outputBound / 2) });
    expect(read("beside")).toMatchObject({ truncated: false, stdout: "x\n" });
  });

  test("gives output of exactly the bound whole", async () => {
    const read = await run(probe("full", "head", "-c", `${outputBound}`, "/dev/zero"));
    expect(read("full")).toEqual({ exit: 0, stdout: "\0".repeat(outputBound), stderr: "", truncated: false });
  });

  test("is not deceived by output that looks like its own", async () => {
    const forged = `\n${nonce} other r0\n${nonce} other .\n${nonce} end\n`;
    const read = await run(probe("hostile", "printf", "%s", forged), probe("other", "false"));
    expect(read("hostile")?.stdout).toBe(forged);
    expect(read("other")?.exit).toBe(1);
  });

  test("gives probes nothing to read and no file descriptors of its own", async () => {
    const open = "for fd in 3 4 5 6 7 8 9; do { true >&$fd; } 2>/dev/null && echo $fd; done; cat";
    const read = await run(probe("inherited", "sh", "-c", open));
    expect(read("inherited")).toMatchObject({ exit: 0, stdout: "" });
  });

  test("keeps 200 probes apart", async () => {
    const probes = Array.from({ length: 200 }, (_, index) =>
      probe(`p${index}`, "seq", `${index}`, `${index + 300}`),
    );
    const read = await run(...probes);
    for (const [index, { id }] of probes.entries()) {
      const numbers = Array.from({ length: 301 }, (_, offset) => `${index + offset}\n`);
      expect(read(id)).toEqual({ exit: 0, stdout: numbers.join(""), stderr: "", truncated: false });
    }
  });

  test("runs probes side by side, at most 64 at a time, and all of them", async () => {
    const folder = mkdtempSync(join(tmpdir(), "crowd-"));
    const here = `mkdir $1/$2; sleep 0.2; ls $1 | wc -l; rmdir $1/$2`;
    const probes = Array.from({ length: 130 }, (_, index) =>
      probe(`p${index}`, "sh", "-c", here, "sh", folder, `${index}`),
    );
    try {
      const read = await run(...probes);
      const crowds = probes.map(({ id }) => Number(read(id)?.stdout));
      expect(Math.max(...crowds)).toBeLessThanOrEqual(64);
      expect(Math.max(...crowds)).toBeGreaterThan(1);
      expect(Math.min(...crowds)).toBeGreaterThan(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("says which tool it lacks", async () => {
    const [shell, ...flags] = argv;
    const { stdout } = await execa(shell, [...flags, "-c", driverScript], {
      input: encodeBatch([probe("x", "true")], nonce),
      env: { PATH: "/nonexistent", SHLVL: "1" },
      extendEnv: false,
    });
    expect(() => decodeFrames(stdout, [probe("x", "true")], nonce)).toThrow("lacks timeout");
  });

  test("is answered alike by its double", async () => {
    const probes = [
      probe("echo", "echo", "a b", "é"),
      probe("none", "true"),
      probe("bad", "cat", "/no such"),
      probe("big", "yes"),
    ];
    const real = decodeFrames(await print(probes), probes, nonce);
    const double = answerBatch(encodeBatch(probes, nonce), (words) => {
      const {
        stdout = "",
        stderr = "",
        exit = -1,
      } = real.get(probes.find(({ argv: own }) => own.join() === words.join())?.id ?? "") ?? {};
      return { stdout: words[0] === "yes" ? `${stdout}y` : stdout, stderr, exit };
    });
    expect(decodeFrames(double, probes, nonce)).toEqual(real);
  });
});

describe("the driver's command line", () => {
  it("survives a login shell, and brings nothing of its environment along", async () => {
    const probes = [probe("environment", "env")];
    const { stdout } = await execa("sh", ["-c", driverCommand], {
      input: encodeBatch(probes, nonce),
      env: { LEAK: "yes", ENV: "/etc/profile" },
    });
    const environment = decodeFrames(`${stdout}\n`, probes, nonce).get("environment")?.stdout ?? "";
    expect(environment).toContain("LC_ALL=C\n");
    expect(environment).not.toMatch(/^(LEAK|ENV|HOME)=/m);
  });

  it("is recognised by its double, and nothing else is", () => {
    expect(isDriver(driverCommand)).toBe(true);
    expect(isDriver(driverArgv)).toBe(true);
    expect(isDriver(`${driverCommand} `)).toBe(false);
    expect(isDriver([...driverArgv, "x"])).toBe(false);
    expect(isDriver("hostname")).toBe(false);
  });
});

describe("a batch", () => {
  it.each([
    ["two probes with one id", [probe("a", "true"), probe("a", "true")]],
    ["an id with a space", [probe("a b", "true")]],
    ["an id that is empty", [probe("", "true")]],
    ["an argument with NUL", [probe("a", "echo", "\0")]],
    ["a timeout of no time", [{ ...probe("a", "true"), timeout: 0 }]],
    ["a timeout of half a second", [{ ...probe("a", "true"), timeout: 0.5 }]],
  ])("is refused with %s", (_title, probes) => {
    expect(() => encodeBatch(probes, nonce)).toThrow(TypeError);
  });

  it("is one line a probe, whatever its words contain, each in a queue of its own while there are any", () => {
    expect(encodeBatch([probe("a", "echo", "x y", "ü\n"), probe("b", "true")], nonce)).toBe(
      `${nonce}\na 20 =echo +\\0170\\0040\\0171 +\\0303\\0274\\0012\n\nb 20 =true\n\nend\n`,
    );
  });

  it("may take as long as its longest queue", () => {
    const probes = (count: number) => Array.from({ length: count }, (_, index) => probe(`p${index}`, "true"));
    expect(longestOf([])).toBe(0);
    expect(longestOf([probe("a", "true"), { ...probe("b", "true"), timeout: 3 }])).toBe(21);
    expect(longestOf(probes(64))).toBe(21);
    expect(longestOf(probes(65))).toBe(42);
  });

  it("is refused by the double where its end is missing, or a queue's", () => {
    const batch = encodeBatch([probe("a", "true")], nonce);
    const answer = (text: string) => answerBatch(text, () => ({ exit: 0, stdout: "", stderr: "" }));
    expect(() => answer(batch.replace("end\n", ""))).toThrow(TypeError);
    expect(() => answer(batch.replace("\n\nend", "\nend"))).toThrow(TypeError);
    expect(answer(batch)).toContain(`${nonce} a r0`);
  });
});
