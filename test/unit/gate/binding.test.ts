import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lineOf } from "../../../src/environment/problem.ts";
import { quoted } from "../../../src/environment/visible.ts";
import { judgeRelease } from "../../../src/gate/binding.ts";
import { manifest as model } from "../../../src/manifest/model.ts";
import { certifiedBy } from "../../support/gate.ts";
import { leastManifest } from "../manifest/documents.ts";

let folder: string;
/** A line of history: `old` ← `base` ← `inside` (tag v1.1.0) ← `head` ← `later`, and `aside` that leaves it at `base`. */
const at: Record<string, string> = {};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "clone-"));
  git("init", "-q", "-b", "main");
  for (const name of ["old", "base", "inside", "head", "later"]) commit(name);
  git("tag", "-a", "-m", "release", "v1.1.0", at.inside ?? "");
  git("checkout", "-q", "-b", "side", at.base ?? "");
  commit("aside");
});
afterAll(() => rm(folder, { recursive: true }));

function git(...args: string[]): string {
  const who = ["-c", "user.name=a", "-c", "user.email=a@example.test", "-c", "commit.gpgsign=false"];
  return execFileSync("git", [...who, ...args], { cwd: folder, encoding: "utf8" }).trim();
}

function commit(name: string): void {
  git("commit", "-q", "--allow-empty", "-m", name);
  at[name] = git("rev-parse", "HEAD");
}

type Binding = { commit?: string; range?: string };

async function judge(
  { commit: own, range }: Binding,
  release?: string,
  repo?: string,
  signal = AbortSignal.timeout(60_000),
) {
  const parts = {
    ...(own && { routerdCommit: own }),
    ...(range && { toolVersions: { "routerd/range": range } }),
  };
  const certified = certifiedBy(model.parse(leastManifest(parts)));
  const { refusals, notes } = await judgeRelease([certified], { release, repo }, signal);
  for (const { code } of refusals) expect(code).toBe("release");
  return { lines: refusals.map(lineOf), unseen: refusals.map(({ unseen }) => unseen === true), notes };
}

const sha = (name: string) => at[name] ?? "";
const short = (name: string) => sha(name).slice(0, 7);
const range = () => `${short("base")}..${sha("head")}`;

describe("a certification that is bound to nothing", () => {
  it("is for any release, and that is said", async () => {
    const notes = ["no release is bound: it is certified for any"];
    expect(await judge({}, "v1.1.0")).toEqual({ lines: [], unseen: [], notes });
  });
});

describe("a certification that is bound to a commit", () => {
  it("says that it is, where no release is named", async () => {
    expect((await judge({ commit: sha("inside") })).notes).toEqual([
      `m.json is for commit ${sha("inside")}; not compared without --release`,
    ]);
  });

  it.each<[string, () => string, boolean]>([
    ["the whole commit", () => sha("inside"), false],
    ["7 digits of it", () => short("inside"), false],
    ["7 digits in capitals", () => short("inside").toUpperCase(), false],
    ["the tag of it", () => "v1.1.0", true],
  ])("takes %s", async (_name, release, asksGit) => {
    const judged = await judge({ commit: sha("inside") }, release(), asksGit ? folder : undefined);
    expect(judged).toEqual({ lines: [], unseen: [], notes: [] });
  });

  it("written short takes the whole one", async () => {
    expect((await judge({ commit: short("inside") }, sha("inside"))).lines).toEqual([]);
  });

  it.each<[string, () => string, boolean]>([
    ["another commit", () => sha("head"), false],
    ["another commit of a clone", () => "main", true],
  ])("refuses %s", async (_name, release, asksGit) => {
    const { lines, unseen } = await judge({ commit: sha("inside") }, release(), asksGit ? folder : undefined);
    expect(lines).toEqual([
      `--release of m.json: expected commit ${sha("inside")}, got ${release()} — certify again for this release`,
    ]);
    expect(unseen).toEqual([false]);
  });

  it.each<[string, () => string]>([
    ["only 6 digits of it", () => sha("inside").slice(0, 6)],
    ["a version that begins like it", () => `${sha("inside")}-rc1`],
    ["a version that ends like another", () => `v${sha("head")}`],
  ])("is not told from %s without a clone", async (_name, release) => {
    const { lines, unseen } = await judge({ commit: sha("inside") }, release());
    expect(lines).toEqual([expect.stringMatching(/name a clone that knows it with --repo$/)]);
    expect(unseen).toEqual([true]);
  });

  it("is not judged by a clone that was asked no more, for the run was cancelled", async () => {
    const judged = judge({ commit: sha("inside") }, "v1.1.0", folder, AbortSignal.abort());
    await expect(judged).rejects.toThrow(expect.objectContaining({ name: "AbortError" }));
  });

  it("is judged by what a partial clone has, and nothing is fetched into it", async () => {
    const partial = await mkdtemp(join(tmpdir(), "partial-"));
    try {
      for (const may of ["allowFilter", "allowAnySHA1InWant"]) git("config", `uploadpack.${may}`, "true");
      const only = ["--single-branch", "--branch", "main", "--filter=blob:none"];
      git("clone", "-q", ...only, `file://${folder}`, partial);
      const { lines, unseen } = await judge({ commit: sha("inside") }, sha("aside"), partial);
      expect(lines).toEqual([expect.stringContaining(`first: it knows no ${sha("aside")}`)]);
      expect(unseen).toEqual([true]);
    } finally {
      await rm(partial, { recursive: true });
    }
  });

  it.each<[string, string, string | undefined, RegExp]>([
    ["a version without a clone to ask", "v1.1.0", undefined, /name a clone that knows it with --repo$/],
    ["6 digits without a clone to ask", "abcdef", undefined, /name a clone that knows it with --repo$/],
    ["a version that the clone does not know", "v9", "clone", /fetch into .* first: it knows no v9$/],
    ["a folder that is no clone", "v1.1.0", tmpdir(), /git could not be asked in /],
    ["a folder that is not there", "v1.1.0", "/nowhere", /git could not be asked in \/nowhere$/],
  ])("can not be compared with %s", async (_name, release, repo, remedy) => {
    const where = repo === "clone" ? folder : repo;
    const { lines, unseen } = await judge({ commit: sha("inside") }, release, where);
    expect(lines).toEqual([expect.stringMatching(remedy)]);
    expect(unseen).toEqual([true]);
  });
});

describe("a certification that is bound to a range", () => {
  it.each<[string, boolean]>([
    ["old", false],
    ["base", false],
    ["inside", true],
    ["head", true],
    ["later", false],
    ["aside", false],
  ])("judges the commit `%s` by history: %s", async (name, taken) => {
    const { lines, unseen } = await judge({ range: range() }, sha(name), folder);
    expect([lines.length, unseen]).toEqual(taken ? [0, []] : [1, [false]]);
  });

  it("takes a tag in it", async () => {
    expect((await judge({ range: range() }, "v1.1.0", folder)).lines).toEqual([]);
  });

  it("takes its head without a clone, and nothing else", async () => {
    expect((await judge({ range: range() }, short("head"))).lines).toEqual([]);
    expect((await judge({ range: range() }, sha("inside"))).unseen).toEqual([true]);
  });

  it("can not be judged by a history that is cut off", async () => {
    const shallow = await mkdtemp(join(tmpdir(), "shallow-"));
    try {
      git("clone", "-q", "--depth", "3", "--branch", "main", `file://${folder}`, shallow);
      const { lines, unseen } = await judge(
        { range: `${short("inside")}..${short("head")}` },
        "main",
        shallow,
      );
      expect(lines).toEqual([expect.stringMatching(/is a shallow clone$/)]);
      expect(unseen).toEqual([true]);
    } finally {
      await rm(shallow, { recursive: true });
    }
  });

  it("is named where it does not lead to the release, and where none is named", async () => {
    const shown = `the range ${range()}`;
    expect((await judge({ range: range() }, sha("later"), folder)).lines).toEqual([
      `--release of m.json: expected ${shown}, got ${sha("later")} — certify again for this release`,
    ]);
    expect((await judge({ range: range() })).notes).toEqual([
      `m.json is for ${shown}; not compared without --release`,
    ]);
  });

  it.each<[string, () => string]>([
    ["options of git", () => "--all\n..x"],
    ["more than a range before it", () => `x${range()}`],
    ["more than a range behind it", () => `${range()}0`],
  ])("that is none takes nothing: %s", async (_name, broken) => {
    const { lines, unseen } = await judge({ range: broken() }, sha("head"), folder);
    expect(lines).toEqual([
      `--release of m.json: expected what ${quoted(broken())} means, got ${sha("head")} — certify again for this release`,
    ]);
    expect(unseen).toEqual([false]);
  });

  it("is judged by this clone, whatever GIT_DIR says", async () => {
    process.env.GIT_DIR = "/nowhere";
    try {
      expect((await judge({ range: range() }, "v1.1.0", folder)).lines).toEqual([]);
    } finally {
      delete process.env.GIT_DIR;
    }
  });
});
