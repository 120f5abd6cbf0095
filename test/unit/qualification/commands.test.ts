import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { describe, expect, it } from "vitest";

describe("our own command that could not find out anything", () => {
  it.each(["driver", "inventory"])("blames nobody: %s without a run ends with 3", async (name) => {
    const command = fileURLToPath(new URL(`../../../src/qualification/commands/${name}.ts`, import.meta.url));
    const ended = await execa(process.execPath, [command], { reject: false });
    expect(ended.exitCode).toBe(3);
    expect(ended.stderr).toMatch(
      /^error: unexpected TypeError at src\/qualification\/commands\/\w+\.ts:\d+$/,
    );
  });
});
