import { existsSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Bench, resultsOf } from "./bench.ts";
import { cloudManifest, soon } from "./cloud.ts";
import { allPassed, expectDiscreet, left, says, stack, unpassed } from "./days.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start({ provision: false });
});
afterAll(() => bench[Symbol.asyncDispose]());

/** The same lab, met with room of its own for temporary files. */
async function withRoom(): Promise<Bench> {
  await mkdir(room(), { recursive: true });
  return bench.with({ TMPDIR: room() });
}

/** What is left there of backends that should be gone. */
async function scraps(): Promise<string[]> {
  return (await readdir(room())).filter((name) => name.startsWith("substrate-"));
}

function room(): string {
  return join(bench.folder, "tmp");
}

describe("a stack that was never provisioned", () => {
  it("fails and says so, answers what needs no resources, and creates nothing", async () => {
    await bench.pulumi("stack", "rm", "--yes", "--preserve-config", "-s", stack);
    const before = await bench.backend();
    const certified = await (await withRoom()).certify();
    expect(certified).toMatchObject({ exit: 1, manifest: { status: "fail", repairs: [] } });
    expect(certified.manifest?.checks.find(({ name }) => name === "pve.drift")).toMatchObject({
      result: "fail",
      summary: expect.stringMatching(/never provisioned.*--repair/),
    });
    allPassed(certified, ["pve.tls", "pve.api", "pve.perms"]);
    expect(resultsOf(certified.manifest, "pve.template")).toEqual({ "": "fail" });
    expect(await bench.backend()).toBe(before);
  });

  it("has its provider functions answered all the same, in a backend that is thrown away", async () => {
    const other = await withRoom();
    allPassed(await other.certify(), ["pve.nodes"]);
    expect(await scraps()).toEqual([]);
  });

  it.skipIf(process.platform !== "linux")(
    "leaves nothing of that backend after Ctrl-C, and nothing after a second one either",
    async () => {
      const other = await withRoom();
      for (const times of [1, 2]) {
        const out = join(bench.folder, `scratch-${times}.json`);
        const certifying = other.begin(out);
        await expect.poll(scraps, { timeout: 30_000, interval: 20 }).toHaveLength(1);
        certifying.kill("SIGINT");
        if (times === 2) {
          await says(certifying, /interrupted: /);
          certifying.kill("SIGINT");
        }
        expect((await certifying).exitCode === 130).toBe(times === 2);
        expect(existsSync(out)).toBe(times === 1);
        await expect.poll(() => left(bench), { timeout: 70_000 }).toEqual([]);
        expect(await scraps()).toEqual([]);
      }
    },
  );

  it("is made by --repair, with a record of everything that it made", async () => {
    const cloud = await cloudManifest(bench.folder);
    const certified = await bench.certify(
      "--repair",
      "--run-id",
      "run-first",
      "--cloud-certification",
      cloud,
    );
    expect({ exit: certified.exit, said: certified.stdout }).toMatchObject({ exit: 0 });
    expect(certified.manifest).toMatchObject({ providers: ["pve", "aws"], expiresAt: soon });
    const repairs = certified.manifest?.repairs ?? [];
    expect(repairs.map(({ target }) => target)).toEqual(
      expect.arrayContaining(["fabric-a", "template", "client1"]),
    );
    expect(new Set(repairs.map(({ result }) => result))).toEqual(new Set(["pass"]));
  });
});

describe("a backend that can not be asked", () => {
  it("blocks what only it can tell, and nothing else", async () => {
    const nowhere = bench.with({ PULUMI_BACKEND_URL: `file://${join(bench.folder, "nowhere")}` });
    const certified = await nowhere.certify();
    expect(certified).toMatchObject({ exit: 3, manifest: { status: "blocked" } });
    expect(unpassed(certified)).toEqual([
      // Their host keys are on record there.
      ...["g.ssh@client1", "g.ssh@client2", "g.ssh@edge1", "g.ssh@leaf1", "g.ssh@leaf2"],
      ...["pve.drift", "pve.inventory"],
    ]);
    allPassed(certified, ["pve.nodes"]);
  });
});

describe("everything that was said on these days", () => {
  it("holds no address, no VM id, no token, no far end's text and no terminal control", () =>
    expectDiscreet(bench));
});
