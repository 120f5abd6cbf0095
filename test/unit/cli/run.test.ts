import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Interrupted } from "../../../src/cli/interrupt.ts";
import { runCommand } from "../../../src/cli/run.ts";
import { Problem } from "../../../src/environment/problem.ts";

describe("a command that goes wrong", () => {
  const lines: string[] = [];
  let before: typeof process.exitCode;
  beforeEach(() => {
    lines.length = 0;
    before = process.exitCode;
    vi.spyOn(process.stderr, "write").mockImplementation((text) => lines.push(String(text)) > 0);
  });
  afterEach(() => {
    process.exitCode = before;
    vi.restoreAllMocks();
  });

  const ended = async (error: unknown) => {
    await runCommand(() => Promise.reject(error));
    return { code: process.exitCode, said: lines.join("") };
  };

  it("says in one line what, where and the way out, and exits with 2", async () => {
    const problem = new Problem({
      subject: "--out",
      expected: "a file",
      actual: "a folder",
      remedy: "name another",
    });
    expect(await ended(problem)).toEqual({
      code: 2,
      said: "error: --out: expected a file, got a folder — name another\n",
    });
  });

  it("exits with 130 when it was interrupted", async () => {
    expect(await ended(new Interrupted("x"))).toEqual({ code: 130, said: "interrupted\n" });
  });

  it("tells of an unexpected error where it came from, and nothing of its text", async () => {
    const { code, said } = await ended(new TypeError("token root@pam!x=secret at 10.77.99.1"));
    expect(code).toBe(2);
    expect(said).toMatch(
      /^error: unexpected TypeError.* — this is a defect of the command, please report it\n$/,
    );
    expect(said).not.toMatch(/secret|10\.77/);
  });
});
