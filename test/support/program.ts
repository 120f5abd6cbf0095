// What asks the pinned CLI, without it: it answers as the test decides. Inside a program of the engine a stack is selected.
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { onTestFinished, vi } from "vitest";
import { engineFolder } from "../../src/pulumi/folder.ts";

/** For the rest of this test the pinned CLI on this machine is this shell script; none: there is none. */
export async function pinEngine(script?: string): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), "home-"));
  vi.stubEnv("PULUMI_HOME", home);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await rm(home, { recursive: true });
  });
  if (script === undefined) return;
  for (const program of ["pulumi", "pulumi-language-nodejs"].map((name) => join(engineFolder(), name))) {
    await mkdir(dirname(program), { recursive: true });
    await writeFile(program, `#!/bin/sh\n${script}\n`);
    await chmod(program, 0o755);
  }
}

/** The rest of this test runs in a program of this stack, with a CLI that is this shell script. */
export async function enterProgram(kind: "update" | "preview", stack: string, script: string): Promise<void> {
  await pinEngine(script);
  const mocks = { newResource: () => ({ id: "", state: {} }), call: () => ({}) };
  await pulumi.runtime.setMocks(mocks, "substrate", stack, kind === "preview");
}
