import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { readLock } from "../../../src/engine/lock.ts";
import { awaitStill } from "../../../src/qualification/watch.ts";

const project = fileURLToPath(new URL("../../..", import.meta.url));
const asking = { engine: "/nowhere", project, signal: new AbortController().signal };
const certified = [{ subject: { stack: "lab-pve" } }, { subject: { stack: "lab-aws" } }];

let backend: string;
beforeAll(async () => {
  backend = await mkdtemp(join(tmpdir(), "watch-"));
  vi.stubEnv("PULUMI_BACKEND_URL", `file://${backend}`);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(backend, { recursive: true });
});

/** Locks a stack as the engine does. */
async function lock(stack: string): Promise<string> {
  const file = join(backend, ".pulumi/locks/organization/substrate", stack, "1.json");
  await mkdir(dirname(file), { recursive: true });
  const content = { pid: 1, username: "alice", hostname: "builder", timestamp: "2026-11-22T16:01:45Z" };
  await writeFile(file, JSON.stringify(content));
  expect(await readLock(stack, asking)).toBeDefined();
  return file;
}

it("goes on at once where nobody updates a stack", async () => {
  expect(await awaitStill(certified, asking)).toBe(true);
});

it("waits for every update to end", async () => {
  const file = await lock("lab-aws");
  const waiting = awaitStill(certified, asking);
  await rm(file);
  expect(await waiting).toBe(true);
});

it("gives up on one that does not end", async () => {
  const file = await lock("lab-pve");
  expect(await awaitStill(certified, asking, 20)).toBe(false);
  await rm(file);
});

it("stops waiting where the run is interrupted", async () => {
  const file = await lock("lab-pve");
  const interrupted = { ...asking, signal: AbortSignal.abort(new Error("interrupted")) };
  await expect(awaitStill(certified, interrupted)).rejects.toThrow("interrupted");
  await rm(file);
});
