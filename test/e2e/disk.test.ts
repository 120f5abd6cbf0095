import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Bench, project, resultsOf } from "./bench.ts";
import { expectDiscreet, says, stack } from "./days.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start({ provision: true });
});
afterAll(() => bench[Symbol.asyncDispose]());

// A limit on the size of files fails a write half-way, as a full disk does, and needs no rights.
describe.skipIf(process.platform !== "linux")("a disk that is full", () => {
  it("when the manifest is written keeps the old one whole, says so in one line, and is blocked", async () => {
    const out = join(bench.folder, "full.json");
    await writeFile(out, "the old one");
    const certifying = bench.begin(out);
    // The engine, which has files of its own to write, has begun by then.
    await says(certifying, /pve\.perms/);
    await execa("prlimit", ["--pid", String(certifying.pid), "--fsize=4096"]);
    const { exitCode, all } = await certifying;
    bench.said.push(all);
    expect({ exitCode, all }).toMatchObject({ exitCode: 3 });
    expect(all.trim().split("\n").at(-1)).toMatch(/^error: manifest .*full\.json: expected .*, got EFBIG — /);
    expect(all).toMatch(/pass, until .*: not written down/);
    expect(await readFile(out, "utf8")).toBe("the old one");
    const kept = (await readdir(bench.folder)).filter((name) => name.includes("full.json"));
    expect(kept).toEqual(["full.json"]);
  });

  it("or a file where a folder should be, when CI leaves what it found, is blocked in one line", async () => {
    const file = join(bench.folder, "no-folder");
    await writeFile(file, "");
    const { exit, stderr } = await bench.certifyInCi("--providers", "pve", "--out-dir", file);
    expect(exit).toBe(3);
    expect(stderr.trim().split("\n").at(-1)).toMatch(
      /^error: --out-dir .*expected a place that can be written to/,
    );
  });

  it("when the engine saves its checkpoint blocks the repair, and the next look says what is damaged", async () => {
    await bench.lab("drift", "agent-disabled");
    const { size } = await stat(checkpoint());
    const out = join(bench.folder, "half.json");
    const given = ["--environment", "lab", "--topology", "sam-full", "--out", out, "--repair"];
    const command = ["scripts/certify-pve-substrate.sh", ...given, "--deadline", "45s"];
    const limit = `--fsize=${size - 2_000}`;
    const { exitCode, stdout } = await execa("prlimit", [limit, ...command], {
      cwd: project,
      env: bench.env,
      reject: false,
    });
    bench.said.push(stdout);
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 3 });
    const { repairs } = JSON.parse(await readFile(out, "utf8"));
    expect(repairs.map(({ result }: { result: string }) => result)).toContain("blocked");

    const looked = await bench.certify("--repair");
    expect(resultsOf(looked.manifest, "pve.drift")).toEqual({ "": "blocked" });
    expect(looked.stdout).toMatch(
      /pve\.drift: could not look: the stack's checkpoint is damaged; TROUBLESHOOTING/,
    );
  });

  it("is over when the newest whole checkpoint of the history is put back, as TROUBLESHOOTING.md says", async () => {
    await writeFile(checkpoint(), await newestWhole());
    const certified = await bench.certify("--repair");
    expect({ exit: certified.exit, said: certified.stdout }).toMatchObject({ exit: 0 });
  });
});

function checkpoint(): string {
  return join(bench.home.backend, `.pulumi/stacks/substrate/${stack}.json`);
}

async function newestWhole(): Promise<string> {
  const folder = join(bench.home.backend, `.pulumi/history/substrate/${stack}`);
  const names = (await readdir(folder)).filter((name) => name.endsWith(".checkpoint.json")).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return texts.findLast(isWhole) ?? "";
}

function isWhole(text: string): boolean {
  try {
    return JSON.parse(text) !== null;
  } catch {
    return false;
  }
}

describe("everything that was said on these days", () => {
  it("holds no address, no VM id, no token, no far end's text and no terminal control", () =>
    expectDiscreet(bench));
});
