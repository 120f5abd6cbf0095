// A backend in files, and a project that keeps its stacks there, anew for each test of a file.
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, vi } from "vitest";
import type { Asking } from "../../src/pulumi/command.ts";

/** Sets it up and takes it away around every test of the file; both live in one folder. */
export function backendInFiles(): { readonly folder: string; readonly asking: () => Asking } {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "backend-"));
    vi.stubEnv("PULUMI_BACKEND_URL", `file://${folder}`);
    await writeFile(join(folder, "Pulumi.yaml"), "name: substrate\n");
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });
  return {
    get folder() {
      return folder;
    },
    asking: () => ({ engine: "/none", project: folder, signal: new AbortController().signal }),
  };
}

/** As the engine writes: another file is put in the place of the one that is there. */
export async function putInPlace(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}
