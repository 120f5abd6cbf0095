import { chmod, mkdtemp, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { openDebugLog } from "../../../src/cli/debuglog.ts";
import { Problem } from "../../../src/environment/problem.ts";

let file: string;

beforeEach(async () => {
  file = join(await mkdtemp(join(tmpdir(), "debuglog-")), "debug.log");
});

describe("the debug log", () => {
  it("says in its first line that it is private, then each line with its time", async () => {
    {
      using log = openDebugLog(file);
      log.write("from 10.0.0.1\n");
    }
    const [first, second, ...rest] = (await readFile(file, "utf8")).split("\n");
    expect(first).toMatch(/PRIVATE: .* Do not publish\.$/);
    expect(second).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z from 10\.0\.0\.1$/);
    expect(rest).toEqual([""]);
  });

  it("is its owner's alone, also where the file was there and open to all", async () => {
    await writeFile(file, "old");
    await chmod(file, 0o644);
    openDebugLog(file)[Symbol.dispose]();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, "utf8")).not.toContain("old");
  });

  it("drops what comes after it was closed: the file's number may be another file's by then", async () => {
    const log = openDebugLog(file);
    log[Symbol.dispose]();
    const before = await readFile(file, "utf8");
    expect(() => log.write("late words of a child")).not.toThrow();
    expect(await readFile(file, "utf8")).toBe(before);
  });

  it.each([
    ["a directory", "/tmp"],
    ["a device, whose mode it must not change", "/dev/null"],
    ["nowhere", "/nowhere/debug.log"],
  ])("refuses %s", async (_what, path) => {
    const before = await stat(path).catch(() => undefined);
    expect(() => openDebugLog(path)).toThrow(Problem);
    expect((await stat(path).catch(() => undefined))?.mode).toBe(before?.mode);
  });

  it("goes nowhere where none is asked for", () => {
    using log = openDebugLog(undefined);
    expect(log.write("private")).toBeUndefined();
  });
});
