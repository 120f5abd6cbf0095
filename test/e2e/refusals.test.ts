import { existsSync } from "node:fs";
import { lstat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Bench, project } from "./bench.ts";
import { cloudManifest } from "./cloud.ts";
import { offline, tools, withConfig } from "./days.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start({ provision: false });
});
afterAll(() => bench[Symbol.asyncDispose]());

describe("what is refused in one line, with nothing looked at and nothing written", () => {
  const given = (out: string, ...others: string[]) => [
    ...["--environment", "lab", "--topology", "sam-full", "--out", out],
    ...others,
  ];

  it.each([
    ["a missing directory", given("/nowhere/at/all.json"), /--out \/nowhere\/at\/all\.json: expected a file/],
    ["a directory for a file", given("test"), /--out test: expected a file/],
    ["missing flags", ["--environment", "lab"], /expected also --topology <name> and --out <manifest\.json>/],
    [
      "two bindings at once",
      given("x.json", "--routerd-commit", "0123abc", "--routerd-range", "0123abc..4567def"),
      /expected one of them, got both/,
    ],
    ["loud and quiet", given("x.json", "--quiet", "--verbose"), /expected one of them, got both/],
    ["one file for two things", given("x.json", "--debug-log", "./x.json"), /expected two files, got one/],
    ["a bad duration", given("x.json", "--deadline", "soon"), /--deadline: expected a duration such as 30s/],
    [
      "an environment that is no name",
      ["--environment", "../lab", "--topology", "t", "--out", "x.json"],
      /--environment: expected a logical name/,
    ],
  ])("%s", async (_what, args, message) => {
    await refused(bench.script(args), message);
    expect(existsSync(join(project, "x.json"))).toBe(false);
  });

  it.each([
    ["pve:nodes", "pve1", /Pulumi\.lab-pve\.yaml pve:nodes: expected array, received string/],
    ["pve:nodez", ["pve1"], /Pulumi\.lab-pve\.yaml pve:nodez: expected a known key/],
    ["pve:endpoint", "http://192.0.2.1/", /Pulumi\.lab-pve\.yaml pve:endpoint: expected a valid URL/],
    ["pve:flows", [{ from: "client1", to: "nobody", via: 0 }], /pve:flows: expected one of client1, /],
    [
      "pve:versions",
      { from: "9.0", before: "8.2" },
      /Pulumi\.lab-pve\.yaml pve:versions: expected a release before which from lies, got 8\.2/,
    ],
    [
      "pve:distinct",
      ["spine"],
      /Pulumi\.lab-pve\.yaml pve:distinct: expected the role of a guest, got spine/,
    ],
    ["substrate:bootDeadline", "5 minutes", /substrate:bootDeadline: expected a duration/],
  ])("config whose %s breaks the model", async (key, value, message) => {
    const other = await withConfig(bench, { [key]: value });
    await refused(other.script(given(join(bench.folder, "config.json"))), message);
  });

  it.each([
    [{ environment: "other" }, /--cloud-certification .*: expected environment lab, got other/],
    [
      { expiresAt: "2026-01-01T00:00:00Z" },
      /--cloud-certification .*: expected a certification that is still valid/,
    ],
    [{ providers: ["pve"] }, /--cloud-certification .*: expected other providers than pve, got pve/],
    [{ toolVersions: { node: "0.1.0" } }, /--cloud-certification .*: expected the same node, got another/],
    [{ checks: [] }, /cloud\.json: expected a release-environment-certification\/v1 document/],
  ])("a cloud certification with %j", async (parts, message) => {
    const args = given(
      join(bench.folder, "merged.json"),
      "--cloud-certification",
      await cloudManifest(bench.folder, parts),
    );
    await refused(bench.script(args), message);
  });

  it("a pipe or a link for the manifest, which must not be replaced by a file", async () => {
    const pipe = join(bench.folder, "pipe.json");
    await execa("mkfifo", [pipe]);
    const link = join(bench.folder, "link.json");
    await symlink(pipe, link);
    for (const out of [pipe, link]) await refused(bench.script(given(out)), /--out .*: expected a file/);
    expect((await lstat(pipe)).isFIFO()).toBe(true);
  });

  it("an overlay that is not there", async () => {
    const other = bench.with({ SUBSTRATE_OVERLAY: join(bench.folder, "gone.json") });
    await refused(other.script(given(join(bench.folder, "config.json"))), /expected a readable JSON file/);
  });

  it("a machine without engine, network or Go", async () => {
    const bin = await tools(bench, {});
    const bare = bench.with({ ...offline, PULUMI_HOME: join(bench.folder, "no-engine"), PATH: bin });
    await refused(
      bare.script(given(join(bench.folder, "engine.json"))),
      /engine .*expected pulumi .*install Go/,
    );
  });

  async function refused(running: ReturnType<Bench["script"]>, message: RegExp): Promise<void> {
    const { exit, stdout, stderr } = await running;
    expect(stderr.trim().split("\n")).toEqual([expect.stringMatching(message)]);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
  }
});
