import { mkdir, readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { Standstill, steadied } from "../../../src/certification/still.ts";
import type { Means } from "../../../src/certification/subject.ts";
import type { Check } from "../../../src/check/check.ts";
import { fail, impostor, type Outcome, pass, say } from "../../../src/check/outcome.ts";
import { Locked } from "../../../src/engine/lock.ts";
import type { Asking } from "../../../src/pulumi/command.ts";
import { backendInFiles, putInPlace } from "../../support/backend.ts";
import { checkOf, runPlan } from "../../support/checks.ts";
import { withEngine } from "../../support/engine.ts";

const backend = backendInFiles();
const wrong = fail(say`seen and wrong`);
const moved = "blocked: could not look: an update was under way meanwhile";

async function write(resources: readonly object[] = []): Promise<void> {
  const path = join(backend.folder, ".pulumi/stacks/substrate/lab-pve.json");
  await putInPlace(path, JSON.stringify({ version: 3, checkpoint: { latest: { resources } } }));
}

async function lock(pid: number, text?: string): Promise<void> {
  const path = join(backend.folder, ".pulumi/locks/organization/substrate/lab-pve/a.json");
  const content = { pid, username: "alice", hostname: hostname(), timestamp: "2026-11-22T16:00:00Z" };
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text ?? JSON.stringify(content));
}

const told: string[] = [];
const means = (asking: Asking = backend.asking()): Means => ({
  ...{ engine: asking.engine, project: backend.folder, signal: asking.signal },
  progress: (event) => told.push("text" in event ? event.text : event.kind),
  debug: (line) => told.push(`debug: ${line}`),
});
const begin = (stack = "lab-pve") => Standstill.begin(stack, means());

/** What a check comes to that looks from now on and ends with this, while something happens. */
async function answered(outcome: Outcome, meanwhile: () => Promise<unknown>, stack?: string) {
  told.splice(0);
  const still = await begin(stack);
  const observe = () => meanwhile().then(() => outcome);
  const check = steadied(checkOf("a.ok", { observe }), [Promise.resolve(still)], means().debug);
  return runPlan([check]);
}

async function seen(outcome: Outcome, meanwhile: () => Promise<unknown>): Promise<readonly string[]> {
  return (await answered(outcome, meanwhile)).outcomes;
}

const gone = 2 ** 22 + 1;
const nothing = async () => undefined;

describe("what is seen of a stack", () => {
  it("is wrong where nobody has touched the stack meanwhile", async () => {
    await write();
    expect(await seen(wrong, nothing)).toEqual(["fail: seen and wrong"]);
  });

  it("is not known to be wrong where somebody's update was written meanwhile", async () => {
    await write();
    expect(await seen(wrong, () => write([{ type: "pulumi:pulumi:Stack", urn: "urn" }]))).toEqual([moved]);
  });

  it("is not known to be wrong where somebody's update is under way", async () => {
    await write();
    expect(await seen(wrong, () => lock(process.pid))).toEqual([moved]);
  });

  it.each([
    ["whose holder is gone", () => lock(gone)],
    ["of which a full disk left half", () => lock(gone, '{"pid":')],
  ])("is wrong behind a lock %s", async (_what, leave) => {
    await write();
    expect(await seen(wrong, leave)).toEqual(["fail: seen and wrong"]);
  });

  it("is right whatever somebody does, for that was seen", async () => {
    await write();
    expect(await seen(pass(say`seen`), () => lock(process.pid))).toEqual(["pass: seen"]);
  });

  it("is wrong where nobody could ever read the stack, and nobody has written it", async () => {
    await write();
    await writeFile(join(backend.folder, ".pulumi/stacks/substrate/lab-pve.json"), "{");
    expect(await seen(wrong, nothing)).toEqual(["fail: seen and wrong"]);
    expect(await seen(wrong, () => write())).toEqual([moved]);
  });

  it("is wrong where there has never been a stack, and the CLI is not asked again", async () => {
    const calls = join(backend.folder, "calls");
    const unknown = `echo once >> ${calls}; echo "error: no stack named 'lab-pve' found" >&2; exit 255`;
    const asked = await withEngine(unknown, async (asking) => {
      const still = await Standstill.begin("lab-pve", means(asking));
      expect(still.before).toBeUndefined();
      await still.demand();
      await write();
      await expect(still.demand()).rejects.toThrow(/an update was under way meanwhile/);
      return (await readFile(calls, "utf8")).trim().split("\n").length;
    });
    expect(asked).toBe(1);
  });

  it("stays what no repair may touch, where it was something else that answered", async () => {
    await write();
    const { answers } = await answered(impostor(say`another one`), () => lock(process.pid));
    expect(answers).toMatchObject([{ result: "blocked", impostor: true }]);
  });

  it("goes to the debug log with who is at it, and people are told that once", async () => {
    await write();
    const still = begin();
    const check = (id: Check["id"]) =>
      steadied(checkOf(id, { observe: async () => wrong }), [still], means().debug);
    await lock(process.pid);
    told.splice(0);
    await runPlan([check("a.ok"), check("b.ok")]);
    const holder = expect.stringMatching(/^lab-pve is locked by alice on .* \(process \d+\) since/);
    const line = expect.stringMatching(/^debug: .*alice.*: "seen and wrong" is not held against it$/);
    expect(told).toEqual([holder, line, line]);
  });
});

describe("a preview", () => {
  it("is not believed behind a lock, whoever holds it; people are told who, and whether he is gone", async () => {
    await write();
    const still = await begin();
    await expect(still.refuseLocked()).resolves.toBeUndefined();
    told.splice(0);
    await lock(gone);
    await expect(still.refuseLocked()).rejects.toThrow(Locked);
    await expect(still.refuseLocked()).rejects.toThrow(Locked);
    expect(told).toEqual([
      expect.stringMatching(
        /^lab-pve is locked by alice on .*; that process is gone, and --repair removes its lock$/,
      ),
    ]);
  });
});

describe("whether a stack has stood still", () => {
  it("is asked anew by whoever comes later, whatever was answered before", async () => {
    await write();
    const still = await begin();
    await expect(still.demand()).resolves.toBeUndefined();
    await lock(process.pid);
    await expect(still.demand()).rejects.toThrow(/an update was under way meanwhile/);
    await lock(gone);
    await expect(still.demand()).resolves.toBeUndefined();
  });
});

describe("whether a stack of another backend has stood still", () => {
  /** The CLI that says this the first time, and that from then on; each time leaves a line. */
  async function standing(first: string, later: string) {
    vi.stubEnv("PULUMI_BACKEND_URL", "s3://bucket");
    const calls = join(backend.folder, "calls");
    const says = `if [ -e ${calls} ]; then ${later}; else ${first}; fi; echo once >> ${calls}`;
    const [asked, outcome] = await withEngine(says, async (asking) => {
      const still = await Standstill.begin("lab-pve", means(asking));
      const check = checkOf("a.ok", { observe: async () => wrong });
      const asked = await Promise.allSettled([still.demand(), still.demand(), still.demand()]);
      const { outcomes } = await runPlan([steadied(check, [Promise.resolve(still)], means().debug)]);
      return [asked, outcomes[0]];
    });
    const times = (await readFile(calls, "utf8")).trim().split("\n").length;
    return { stood: asked.map(({ status }) => status), outcome, times };
  }
  const empty = `echo '{"deployment": null}'`;
  const written = `echo '{"deployment": {"resources": []}}'`;

  it("is asked of the CLI, once for all who want to know at a time", async () => {
    const stood = Array(3).fill("fulfilled");
    expect(await standing(written, written)).toEqual({ stood, outcome: "fail: seen and wrong", times: 3 });
  });

  it("is told by whatever is exported otherwise", async () => {
    const stood = Array(3).fill("rejected");
    expect(await standing(empty, written)).toEqual({ stood, outcome: moved, times: 3 });
  });

  it("is not known where the CLI says nothing: what was seen to be wrong stays wrong", async () => {
    const stood = Array(3).fill("rejected");
    const outcome = "fail: seen and wrong";
    expect(await standing(written, "false")).toMatchObject({ stood, outcome });
  });
});
