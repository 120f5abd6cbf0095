import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const program = fileURLToPath(new URL("../../../src/cli/smoke.ts", import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "smoke-cli-"));
  await writeFile(join(folder, "manifest.json"), "{}");
});
afterAll(() => rm(folder, { recursive: true }));

async function smoke(...args: string[]) {
  const out = join(folder, "result.json");
  const given = ["--certification", join(folder, "manifest.json"), "--release", "v1", "--out", out, ...args];
  const { exitCode, stderr } = await execa(process.execPath, [program, ...given], { reject: false });
  return {
    exitCode,
    stderr: String(stderr),
    written: existsSync(out),
    began: existsSync(`${folder}/result.evidence`),
  };
}

const nothing = { exitCode: 2, written: false, began: false };

describe("wrong usage of the qualification's command", () => {
  it.each([
    [["--heartbeat", "3m", "--heartbeat-stale", "5m"], "at least two heartbeats before one is stale"],
    [["--ttl", "4m"], "before the run's end"],
    [["--cleanup-command", '["rm"'], "a path, or a JSON list of words"],
    [["--relase", "v1"], "did you mean --release?"],
    [["--ttl", "0s"], "a duration such as"],
  ])("ends with 2 and one line, and starts nothing: %j", async (args, line) => {
    const { stderr, ...ran } = await smoke(...args);
    expect(ran).toEqual(nothing);
    expect(stderr).toContain(line);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});
