import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { describe, expect, it } from "vitest";

describe("our own command that could not find out anything", () => {
  it.each(["driver", "inventory"])("blames nobody: %s without a run ends with 3", async (name) => {
    const command = fileURLToPath(new URL(`../../../src/qualification/commands/${name}.ts`, import.meta.url));
    const ended = await execa(process.execPath, [command], { reject: false });
    expect(ended).toMatchObject({ exitCode: 3, stderr: "error: unexpected TypeError" });
  });
});
