// Inside a program of the engine, without the engine: a stack is selected, and the pinned CLI answers as the test decides.
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { onTestFinished, vi } from "vitest";
import { engineFolder } from "../../src/pulumi/folder.ts";

/** The rest of this test runs in a program of this stack, with a CLI that is this shell script. */
export async function enterProgram(kind: "update" | "preview", stack: string, script: string): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), "home-"));
  vi.stubEnv("PULUMI_HOME", home);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await rm(home, { recursive: true });
  });
  for (const program of ["pulumi", "pulumi-language-nodejs"].map((name) => join(engineFolder(), name))) {
    await mkdir(dirname(program), { recursive: true });
    await writeFile(program, `#!/bin/sh\n${script}\n`);
    await chmod(program, 0o755);
  }
  const mocks = { newResource: () => ({ id: "", state: {} }), call: () => ({}) };
  await pulumi.runtime.setMocks(mocks, "substrate", stack, kind === "preview");
}
