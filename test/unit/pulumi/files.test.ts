import { copyFile, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { checkpointOf, filesOf, markOf } from "../../../src/pulumi/files.ts";
import { backendInFiles, putInPlace } from "../../support/backend.ts";
import { withEngine } from "../../support/engine.ts";

const backend = backendInFiles();
const find = () => filesOf("lab-pve", backend.asking());

describe("a backend in files", () => {
  it("keeps a stack's checkpoint and its locks where the engine has them", async () => {
    expect(await find()).toEqual({
      checkpoint: join(backend.folder, ".pulumi/stacks/substrate/lab-pve.json"),
      locks: join(backend.folder, ".pulumi/locks/organization/substrate/lab-pve"),
    });
  });

  it("marks a checkpoint by another mark with every write, be it of the same bytes", async () => {
    const files = (await find()) ?? expect.unreachable();
    await putInPlace(files.checkpoint, "{}");
    const first = await markOf(files);
    expect(first).toBeDefined();
    expect(await markOf(files)).toBe(first);
    await putInPlace(files.checkpoint, "{}");
    expect(await markOf(files)).not.toBe(first);
  });

  it.each(["gz", "zst"])(
    "tells nothing of a checkpoint that has been packed as .%s, since the engine takes the newest",
    async (kind) => {
      const files = (await find()) ?? expect.unreachable();
      await putInPlace(files.checkpoint, "{}");
      expect(await checkpointOf(files)).toBe(files.checkpoint);
      await writeFile(`${files.checkpoint}.${kind}`, "packed");
      expect(await checkpointOf(files)).toBeUndefined();
      expect(await markOf(files)).toBeUndefined();
    },
  );

  it("is where the CLI finds it from the project's folder, whatever it is asked for", async () => {
    vi.stubEnv("PULUMI_BACKEND_URL", "file://./state?no_tmp_dir=true");
    const place = join(backend.folder, "state/.pulumi/stacks/substrate/lab-pve.json");
    expect(await find()).toMatchObject({ checkpoint: place });
  });

  it("marks nothing where there is no checkpoint, and any other backend nothing at all", async () => {
    expect(await markOf(await find())).toBeUndefined();
    vi.stubEnv("PULUMI_BACKEND_URL", "s3://bucket");
    expect(await find()).toBeUndefined();
    expect(await markOf(undefined)).toBeUndefined();
  });

  it("is asked of the CLI where no variable names it, again as long as nobody has answered", async () => {
    vi.stubEnv("PULUMI_BACKEND_URL", undefined);
    const script = `[ -e asked ] && echo '{"url":"file://~/state"}' || { touch asked; echo "no JSON"; }`;
    await withEngine(script, async (asking) => {
      await copyFile(join(backend.folder, "Pulumi.yaml"), join(asking.project, "Pulumi.yaml"));
      expect(await filesOf("lab-pve", asking)).toBeUndefined();
      const found = await filesOf("lab-pve", asking);
      expect(found?.checkpoint).toBe(join(userInfo().homedir, "state/.pulumi/stacks/substrate/lab-pve.json"));
    });
  });
});
