import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { readConfig } from "../../src/engine/config.ts";
import { command } from "../../src/pulumi/command.ts";
import { engineFolder } from "../../src/pulumi/folder.ts";
import { project as own } from "./bench.ts";

const stack = "berlin-pve";
const file = `stacks/Pulumi.${stack}.yaml`;
const signal = new AbortController().signal;
const engine = join(engineFolder(), "pulumi");
let project: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "config-"));
  for (const name of ["stacks", "state", "nothing", "room"]) await mkdir(join(project, name));
  await copyFile(join(own, "Pulumi.yaml"), join(project, "Pulumi.yaml"));
  await writeFile(join(project, file), "config:\n  pve:nodes: [pve1]\n");
  at("state", "a passphrase");
  await pulumi("stack", "init", stack, "--no-select");
  await pulumi("config", "set", "--secret", "--stack", stack, "pve:token", "a secret");
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => rm(project, { recursive: true }));

/** Meets a backend, with room of its own for temporary files. */
function at(backend: string, passphrase: string): void {
  vi.stubEnv("PULUMI_BACKEND_URL", `file://${join(project, backend)}`);
  vi.stubEnv("PULUMI_CONFIG_PASSPHRASE", passphrase);
  vi.stubEnv("TMPDIR", join(project, "room"));
}

async function pulumi(...args: string[]): Promise<void> {
  const { exitCode, stderr } = await command(args, { engine, project, signal });
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
}

it.each(["state", "nothing"])(
  "Stack config is decrypted, whether its stack is in the backend or was never made: %s",
  async (backend) => {
    at(backend, "a passphrase");
    const [before, kept] = [
      await readFile(join(project, file), "utf8"),
      await readdir(join(project, backend)),
    ];
    expect(await readConfig(stack, { engine, project, signal })).toEqual({
      "pve:nodes": ["pve1"],
      "pve:token": "a secret",
    });
    expect(await readFile(join(project, file), "utf8")).toBe(before);
    expect(await readdir(join(project, backend))).toEqual(backend === "state" ? kept : [".pulumi"]);
    expect(await readdir(join(project, "room"))).toEqual([]);
  },
);

it.each(["state", "nothing"])("A wrong passphrase is refused in one line: %s", async (backend) => {
  at(backend, "another one");
  await expect(readConfig(stack, { engine, project, signal })).rejects.toThrow(
    /Pulumi\.berlin-pve\.yaml: expected secrets that can be decrypted — set PULUMI_CONFIG_PASSPHRASE_FILE/,
  );
  expect(await readdir(join(project, "room"))).toEqual([]);
});
