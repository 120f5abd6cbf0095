import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { type Files, filesOf, markOf } from "../../../src/pulumi/files.ts";
import { backendInFiles } from "../../support/backend.ts";

const backend = backendInFiles();
const find = () => filesOf("lab-pve", backend.asking());

/** As the engine does: another file is put in its place. */
async function write({ checkpoint }: Files, text: string): Promise<void> {
  await mkdir(dirname(checkpoint), { recursive: true });
  await writeFile(`${checkpoint}.new`, text);
  await rename(`${checkpoint}.new`, checkpoint);
}

describe("a backend in files", () => {
  it("keeps a stack's checkpoint and its locks where the engine has them", async () => {
    expect(await find()).toEqual({
      checkpoint: join(backend.folder, ".pulumi/stacks/substrate/lab-pve.json"),
      locks: join(backend.folder, ".pulumi/locks/organization/substrate/lab-pve"),
    });
  });

  it("marks a checkpoint by another mark with every write, be it of the same bytes", async () => {
    const files = (await find()) ?? expect.unreachable();
    await write(files, "{}");
    const first = await markOf(files);
    expect(first).toBeDefined();
    expect(await markOf(files)).toBe(first);
    await write(files, "{}");
    expect(await markOf(files)).not.toBe(first);
  });

  it("marks nothing where there is no checkpoint, and any other backend nothing at all", async () => {
    expect(await markOf(await find())).toBeUndefined();
    vi.stubEnv("PULUMI_BACKEND_URL", "s3://bucket");
    expect(await find()).toBeUndefined();
    expect(await markOf(undefined)).toBeUndefined();
  });
});
