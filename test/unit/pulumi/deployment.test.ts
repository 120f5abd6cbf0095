import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { readDeployment } from "../../../src/pulumi/deployment.ts";
import { backendInFiles } from "../../support/backend.ts";
import { withEngine } from "../../support/engine.ts";

const backend = backendInFiles();
const latest = { resources: [{ type: "pulumi:pulumi:Stack", urn: "urn" }] };
const exported = { version: 3, deployment: { resources: [] } };
const file = (version: number, checkpoint: object) => JSON.stringify({ version, checkpoint });

/** What is read where the backend has this in the stack's file, and the CLI exports something else. */
async function read(text: string | undefined, script = `echo '${JSON.stringify(exported)}'`) {
  if (text !== undefined) {
    const path = join(backend.folder, ".pulumi/stacks/substrate/lab-pve.json");
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  return withEngine(script, (asking) => readDeployment("lab-pve", { ...asking, project: backend.folder }));
}

describe("a stack's deployment", () => {
  it.each([3, 4])("is read from the file where the backend keeps it, version %i", async (version) => {
    const bytes = file(version, { stack: "organization/substrate/lab-pve", latest });
    expect(await read(bytes)).toEqual({ deployment: latest, bytes });
  });

  it("is nothing where the stack was made and never updated", async () => {
    expect((await read(file(3, { stack: "organization/substrate/lab-pve" })))?.deployment).toBeUndefined();
  });

  it.each([
    ["there is no such file", undefined],
    ["the file is of a version that nobody knows here", file(5, { latest })],
    ["a full disk has left half of the file", file(3, { latest }).slice(0, 40)],
  ])("is asked of the CLI where %s", async (_what, text) => {
    expect((await read(text))?.deployment).toEqual(exported.deployment);
  });

  it("is none where there is neither a file nor, as the CLI says, a stack", async () => {
    const script = `echo "error: no stack named 'lab-pve' found" >&2; exit 255`;
    expect(await read(undefined, script)).toBeUndefined();
  });

  it("can not be told where the CLI says of a damaged file that it is", async () => {
    const script = `echo "error: failed to load checkpoint" >&2; exit 255`;
    await expect(read("{", script)).rejects.toMatchObject({ reason: "checkpoint" });
  });
});
