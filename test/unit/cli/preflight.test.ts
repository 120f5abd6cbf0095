import { execFileSync } from "node:child_process";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Manifest } from "../../../src/manifest/model.ts";
import { layOver, passing, project } from "../../support/gate.ts";

let folder: string;
let fresh: Manifest;
beforeAll(async () => {
  folder = await layOver();
  const [issued, expires] = [Date.now() - 60_000, Date.now() + 3_600_000];
  fresh = {
    ...(await passing()),
    issuedAt: new Date(issued).toISOString(),
    expiresAt: new Date(expires).toISOString(),
  };
  await writeFile(join(folder, "good.json"), JSON.stringify(fresh));
});
afterAll(() => rm(folder, { recursive: true }));

const lab = ["--environment", "lab", "--topology", "sam-full", "--providers", "pve"];

/** The contract's command, with no engine on this machine; `input` is its standard input. */
async function gate(args: readonly string[], input = "", env: Readonly<Record<string, string>> = {}) {
  const { exitCode, stdout, stderr } = await execa(
    join(project, "scripts/release-environment-preflight.sh"),
    args,
    { cwd: folder, env: { PULUMI_HOME: folder, ...env }, input, reject: false },
  );
  return { exit: exitCode, stdout, stderr };
}

const offline = (certification: string, ...more: string[]) => [
  ...[...lab, "--offline", "--certification", certification],
  ...more,
];

describe("the gate's command", () => {
  it("says that the qualification may start, and until when", async () => {
    expect(await gate(offline("good.json"))).toEqual({
      exit: 0,
      stdout: `release qualification may start on lab, sam-full, pve, until ${fresh.expiresAt}`,
      stderr:
        "note: no release is bound: it is certified for any\nnote: state and ledger were not asked (--offline)",
    });
  });

  it("reads standard input, and prints JSON where it is asked to and nothing else", async () => {
    const text = JSON.stringify({ ...fresh, status: "fail" });
    const { exit, stdout, stderr } = await gate(offline("-", "--json", "--release", "v1"), text);
    expect([exit, stderr]).toEqual([1, ""]);
    expect(JSON.parse(stdout)).toMatchObject({
      allowed: false,
      environment: "lab",
      topology: "sam-full",
      providers: ["pve"],
      release: "v1",
      offline: true,
      certifications: [{ source: "standard input", manifestId: "envcert-1", status: "fail" }],
      refusals: [
        {
          code: "status",
          expected: "pass",
          actual: "fail",
          line: expect.stringMatching(/^status of standard input: /),
        },
      ],
    });
  });

  it("is blocked, and not failed, where only the backend can not be asked", async () => {
    const { exit, stderr } = await gate([...lab, "--certification", "good.json"]);
    expect(exit).toBe(3);
    expect(stderr).toContain(
      "refused: backend: expected the pulumi CLI to ask it with, got none on this machine",
    );
    expect(stderr).toMatch(/\nrelease qualification must not start on lab, sam-full, pve: 1 reason$/);
  });

  it.each<[string, string[], string]>([
    [
      "a provider that nobody knows",
      [...offline("a").slice(0, 4), "--providers", "gcp"],
      "--providers: expected some of pve,aws,azure,oci, each once",
    ],
    [
      "a provider twice",
      [...offline("a").slice(0, 4), "--providers", "pve,pve", "--certification", "a"],
      "--providers: expected some of pve,aws,azure,oci, each once",
    ],
    ["the ledger offline", offline("ledger"), "--certification ledger and --offline: expected one of them"],
    [
      "one manifest twice",
      offline("a", "--certification", "a"),
      "--certification: expected two different manifests",
    ],
    [
      "a release that is an option",
      offline("a", "--release=--all"),
      "--release: expected a version, tag or commit",
    ],
  ])("refuses %s as wrong usage", async (_name, args, says) => {
    const { exit, stdout, stderr } = await gate(
      args.includes("--certification") ? args : [...args, "--certification", "a"],
    );
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
    expect(stderr.startsWith(`error: ${says}`)).toBe(true);
    expect(stderr).not.toContain("\n");
  });
});

describe("a hostile manifest", () => {
  beforeAll(async () => {
    const text = JSON.stringify(fresh);
    await mkdir(join(folder, "folder.json"));
    await symlink("good.json", join(folder, "link.json"));
    execFileSync("mkfifo", [join(folder, "pipe.json")]);
    const files = {
      "huge.json": " ".repeat(4 * 1024 * 1024 + 1),
      "deep.json": `${"[".repeat(1_000_000)}`,
      "deeper.json": text.replace(/}$/, `,"notes":${'{"a":'.repeat(200_000)}1${"}".repeat(200_000)}}`),
      "twice.json": text.replace("{", '{"status":"pass",'),
      "proto.json": text.replace("{", '{"__proto__":{"status":"pass"},'),
      "control.json": text.replace('"lab"', '"\\u001b[2Jlab\\u009b\\u202e\\u2028"'),
      "name\n\u001b[31m.json": "{",
    };
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  });

  it.each([
    ["huge.json", "more than 4194304 bytes"],
    ["deep.json", "no JSON"],
    ["deeper.json", "at notes"],
    ["twice.json", 'the key "status" twice'],
    ["proto.json", "the key __proto__"],
    [
      "control.json",
      'environment of control.json: expected lab, got "\\u001b[2Jlab\\u{9b}\\u{202e}\\u{2028}"',
    ],
    ["link.json", "a symbolic link"],
    ["pipe.json", "something else than a file"],
    ["folder.json", "something else than a file"],
    ["none.json", "ENOENT"],
    ["name\n\u001b[31m.json", "manifest name\\u{a}\\u{1b}[31m.json: "],
  ])("%j gets one clear line", async (name, says) => {
    const { exit, stdout, stderr } = await gate(offline(name));
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
    const refusals = stderr.split("\n").filter((line) => !line.startsWith("note: "));
    expect(refusals).toEqual([
      expect.stringContaining(says),
      "release qualification must not start on lab, sam-full, pve: 1 reason",
    ]);
    expect(stderr).not.toMatch(/[^\P{C}\n]|[\u2028]/u);
  });
});
