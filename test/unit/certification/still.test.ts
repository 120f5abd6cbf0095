import { mkdir, readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { Standstill } from "../../../src/certification/still.ts";
import { fail, type Outcome, pass, say } from "../../../src/check/outcome.ts";
import { backendInFiles, putInPlace } from "../../support/backend.ts";
import { checkOf, runPlan } from "../../support/checks.ts";
import { withEngine } from "../../support/engine.ts";

const backend = backendInFiles();
const wrong = fail(say`seen and wrong`);
const moved = "blocked: could not look: somebody's update has changed the stack meanwhile";

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

/** What a check comes to that looks from `begin` on and ends with this, while something happens. */
async function seen(outcome: Outcome, meanwhile: () => Promise<unknown>): Promise<readonly string[]> {
  const still = await Standstill.begin("lab-pve", backend.asking());
  const observe = () => meanwhile().then(() => outcome);
  return (await runPlan([still.steady(checkOf("a.ok", { observe }))])).outcomes;
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

  it("is wrong where nobody could ever read the stack", async () => {
    await write();
    await writeFile(join(backend.folder, ".pulumi/stacks/substrate/lab-pve.json"), "{");
    expect(await seen(wrong, () => write())).toEqual(["fail: seen and wrong"]);
  });
});

describe("whether a stack of another backend has stood still", () => {
  /** The CLI that says this the first time, and that from then on; each time leaves a line. */
  async function standing(first: string, later: string) {
    vi.stubEnv("PULUMI_BACKEND_URL", "s3://bucket");
    const calls = join(backend.folder, "calls");
    const says = `if [ -e ${calls} ]; then echo '${later}'; else echo '${first}'; fi; echo once >> ${calls}`;
    const asked = await withEngine(says, async (asking) => {
      const still = await Standstill.begin("lab-pve", { ...asking, project: backend.folder });
      return Promise.allSettled([still.demand(), still.demand(), still.demand()]);
    });
    const times = (await readFile(calls, "utf8")).trim().split("\n").length;
    return { stood: asked.map(({ status }) => status), times };
  }

  it("is asked of the CLI, once for all who want to know at a time", async () => {
    const same = '{"deployment": {"resources": []}}';
    const stood = Array(3).fill("fulfilled");
    expect(await standing(same, same)).toEqual({ stood, times: 2 });
  });

  it("is told by whatever is exported otherwise", async () => {
    const stood = Array(3).fill("rejected");
    expect(await standing('{"deployment": null}', '{"deployment": {"resources": []}}')).toEqual({
      stood,
      times: 2,
    });
  });
});
