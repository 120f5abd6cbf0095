import { afterEach, describe, expect, it, vi } from "vitest";
import { command } from "../../../src/pulumi/command.ts";
import { withEngine } from "../../support/engine.ts";

afterEach(() => vi.unstubAllEnvs());

describe("a command of the engine", () => {
  it("that a program asks for is not told the stack config that the program was handed, secrets and all", async () => {
    vi.stubEnv("PULUMI_CONFIG", '{"pve:config:token":"a secret"}');
    vi.stubEnv("PULUMI_CONFIG_SECRET_KEYS", '["pve:config:token"]');
    vi.stubEnv("PULUMI_CONFIG_PASSPHRASE", "needed");
    await withEngine("env", async (asking) => {
      const { exitCode, stdout } = await command(["stack", "output"], asking);
      const told = stdout.split("\n").filter((line) => line.startsWith("PULUMI_CONFIG"));
      expect({ exitCode, told }).toEqual({ exitCode: 0, told: ["PULUMI_CONFIG_PASSPHRASE=needed"] });
    });
  });
});
