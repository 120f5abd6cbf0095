import { appendFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { toolVersions } from "../../../src/certification/versions.ts";

let project: string;
beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), "versions-"));
  const files = [
    ...["src/check/run.ts", "src/lab/lab.ts", "src/substrates/pve/double/double.ts"],
    ...[
      "scripts/certify-pve-substrate.sh",
      "scripts/demo.ts",
      "Pulumi.yaml",
      "package-lock.json",
      "README.md",
    ],
  ];
  for (const file of files) {
    await mkdir(dirname(join(project, file)), { recursive: true });
    await writeFile(join(project, file), file);
  }
  const sdk = join(project, "node_modules/@pulumi/pulumi");
  await mkdir(sdk, { recursive: true });
  await writeFile(join(sdk, "package.json"), JSON.stringify({ version: "3.255.0" }));
});
afterEach(() => rm(project, { recursive: true }));

async function sourceAfterChanging(file: string): Promise<boolean> {
  const before = await toolVersions(project);
  await appendFile(join(project, file), "x");
  return before.source !== (await toolVersions(project)).source;
}

it.each(["src/check/run.ts", "scripts/certify-pve-substrate.sh", "Pulumi.yaml", "package-lock.json"])(
  "A change of %s is another revision of the tool",
  async (file) => {
    expect(await sourceAfterChanging(file)).toBe(true);
  },
);

it.each(["src/lab/lab.ts", "src/substrates/pve/double/double.ts", "scripts/demo.ts", "README.md"])(
  "A change of %s, which certifies nothing, is none",
  async (file) => {
    expect(await sourceAfterChanging(file)).toBe(false);
  },
);
