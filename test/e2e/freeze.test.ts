import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { parseCheckpoint, readCheckpoint } from "../../src/engine/checkpoint.ts";
import { manifest as model } from "../../src/manifest/model.ts";
import { Bench, project, type Ran } from "./bench.ts";

const freeze = {
  runId: "qual-1",
  release: "v1.2.3",
  since: new Date().toISOString(),
  until: new Date(Date.now() + 3_600_000).toISOString(),
};
const held = new RegExp(`a freeze by qual-1 for release v1\\.2\\.3\\s+until\\s+${freeze.until}`);
const stack = ["-s", "lab-pve"];
const up = ["up", "--yes", "--skip-preview", ...stack];
const packed = { PULUMI_OPTION_POLICY_PACK: "policy" };

let bench: Bench;
let other: Bench;
let checkout: string;
beforeAll(async () => {
  bench = await Bench.start({ provision: true });
  ({ bench: other, checkout } = await bench.elsewhere());
  // Something that every update from there would change.
  await edit("stacks/Pulumi.lab-pve.yaml", "comment: routerd fabric a", "comment: somebody else's");
  await bench.record({ freeze });
});
afterAll(() => bench[Symbol.asyncDispose]());

async function edit(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(join(checkout, file), "utf8");
  expect(text).toContain(from);
  await writeFile(join(checkout, file), text.replace(from, to));
}

/** The world, and the inputs and id of every resource. */
async function state() {
  const { substance, resources } = parseCheckpoint(await bench.pulumi("stack", "export", ...stack));
  const [effects, machines] = [await bench.effects(), await bench.machines()];
  const digest = createHash("sha256").update(JSON.stringify(substance)).digest("hex");
  return { effects, machines, digest, resources: resources.length };
}

it("what the backend's files say of a stack is what the engine says of it", async () => {
  vi.stubEnv("PULUMI_BACKEND_URL", bench.env.PULUMI_BACKEND_URL);
  onTestFinished(() => void vi.unstubAllEnvs());
  const [told, asking] = [await bench.pulumi("stack", "export", ...stack), AbortSignal.timeout(10_000)];
  // There is no engine that could answer instead.
  const read = await readCheckpoint("lab-pve", { engine: "/none", project, signal: asking });
  const { bytes, ...said } = parseCheckpoint(told);
  expect(said.resources.length).toBeGreaterThan(5);
  expect({ ...read, bytes }).toEqual({ ...said, bytes });
});

function everything({ stdout, stderr }: Ran): string {
  return `${stdout}\n${stderr}`;
}

describe("while a release run holds an environment still", () => {
  it.each<[string, () => Promise<Ran>]>([
    ["`up`", () => other.tryPulumi("up", "--yes", ...stack)],
    ["`up --skip-preview`", () => other.tryPulumi(...up)],
  ])("%s from another checkout is refused by run and end, and changes nothing", async (_name, run) => {
    const before = await state();
    const ran = await run();
    expect(everything(ran)).toMatch(held);
    expect(ran.exit).not.toBe(0);
    expect(await state()).toEqual(before);
  });

  it("a repair from another checkout is refused, blocked at every check, and what was certified stays current", async () => {
    const before = await state();
    const { exit, manifest, stderr } = await other.certify("--repair");
    expect([exit, manifest?.status, manifest?.repairs]).toEqual([3, "blocked", []]);
    expect(new Set(manifest?.checks.map(({ summary }) => summary))).toEqual(
      new Set(["not repaired: a release run holds the environment still"]),
    );
    expect(stderr).toMatch(/^error: repair of lab: expected no release run in lab, got a freeze by qual-1 /m);
    expect(await bench.status()).toMatch(/^pve +pass /m);
    expect(await state()).toEqual(before);
  });

  it("the policy pack alone refuses an `up` of a program that does not ask", async () => {
    const before = await state();
    await edit("src/program/stack.ts", "await refuseUnderFreeze(environment);", "");
    const ran = await other.with(packed).tryPulumi(...up);
    await edit(
      "src/program/stack.ts",
      "  const substrate = await load",
      "  await refuseUnderFreeze(environment);\n  const substrate = await load",
    );
    expect(everything(ran)).toMatch(held);
    expect(ran.exit).not.toBe(0);
    expect(await state()).toEqual(before);
  });

  it("a preview shows what it would do and warns, and CI certifies; neither writes anything", async () => {
    const before = { backend: await bench.backend(), effects: await bench.effects() };
    const preview = await other.tryPulumi("preview", ...stack);
    expect(preview.exit).toBe(0);
    expect(everything(preview)).toMatch(/warning: an update would be refused/);
    expect(everything(preview)).toMatch(held);

    const folder = join(bench.folder, "certification");
    const step = { GITHUB_STEP_SUMMARY: join(bench.folder, "step.md") };
    const ci = await bench.with(step).certifyInCi("--providers", "pve", "--out-dir", folder);
    expect([ci.exit, ci.exit === 0 ? "" : ci.stdout]).toEqual([0, ""]);
    const left = await Promise.all(
      ["manifest.json", "junit.xml", "summary.md"].map((file) => readFile(join(folder, file), "utf8")),
    );
    const [manifest = "", junit, summary] = left;
    expect(model.parse(JSON.parse(manifest)).status).toBe("pass");
    expect(junit).toMatch(/<testsuite name="pve" tests="\d+" failures="0" errors="0" skipped="0">/);
    expect(summary).toMatch(/^## lab, sam-full: pass$/m);
    expect(await readFile(step.GITHUB_STEP_SUMMARY, "utf8")).toBe(summary);
    expect({ backend: await bench.backend(), effects: await bench.effects() }).toEqual(before);
  });

  it("nobody can take or lengthen the freeze in another run's name", async () => {
    const theirs = { ...freeze, runId: "qual-2" };
    await expect(bench.record({ freeze: theirs })).rejects.toThrow(held);
  });

  it("where the ledger can not be read updates are refused, and previews warn", async () => {
    const file = join(bench.home.backend, ".pulumi/stacks/substrate/lab-ledger.json");
    const text = await readFile(file);
    const before = await state();
    await writeFile(file, "{");
    const [updated, previewed] = [await other.tryPulumi(...up), await other.tryPulumi("preview", ...stack)];
    await writeFile(file, text);
    for (const ran of [updated, previewed])
      expect(everything(ran)).toMatch(/expected an answer whether a release\s+run holds lab, got none/);
    expect([updated.exit === 0, previewed.exit]).toEqual([false, 0]);
    expect(await state()).toEqual(before);
  });

  it("`destroy` ends at its preview for the protected foundations, and changes nothing", async () => {
    const before = await state();
    const ran = await other.tryPulumi("destroy", "--yes", ...stack);
    expect([ran.exit === 0, everything(ran)]).toEqual([false, expect.stringMatching(/fabric-a.*protect/s)]);
    expect(await state()).toEqual(before);
  });

  it("`destroy --skip-preview` leaves the foundations, and what it took away is found by the state's digest", async () => {
    const ran = await other.tryPulumi("destroy", "--yes", "--skip-preview", ...stack);
    expect([ran.exit === 0, everything(ran)]).toEqual([false, expect.stringMatching(/fabric-a.*protect/s)]);
    const { resources } = parseCheckpoint(await bench.pulumi("stack", "export", ...stack));
    expect(resources.map(({ name }) => name).toSorted()).toEqual(["fabric-a", "fabric-b"]);
    const gate = await bench.preflight("ledger");
    expect([gate.exit, gate.stderr]).toEqual([
      1,
      expect.stringMatching(/^refused: state of lab-pve: .* another: it was changed/m),
    ]);
  });
});

describe("when nothing holds an environment still any more", () => {
  it("the policies let the declared substrates through, and refuse one that is over its ceiling", async () => {
    await bench.record({ freeze: { ...freeze, until: new Date().toISOString() } });
    const ran = [
      await bench.with(packed).tryPulumi(...up),
      await bench.with(packed).tryPulumi("preview", "-s", "lab-aws"),
    ];
    expect(ran.map(({ exit, stdout }) => (exit === 0 ? exit : stdout))).toEqual([0, 0]);

    await edit("stacks/Pulumi.lab-pve.yaml", "pve:ceiling: { machines: 5", "pve:ceiling: { machines: 4");
    const over = await other.with(packed).tryPulumi("preview", ...stack);
    expect(everything(over)).toMatch(/expected machines of at most 4 in all, got 5 with this one/);
    expect(over.exit).not.toBe(0);
  });
});
