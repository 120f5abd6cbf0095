import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ensureEngine, type Sources } from "../../../src/engine/install.ts";
import { Problem } from "../../../src/environment/problem.ts";
import { engineVersion } from "../../../src/pulumi/version.ts";

const entry = fileURLToPath(new URL("../../../src/cli/engine.ts", import.meta.url));
const fixtures = fileURLToPath(new URL("../../fixtures/engine", import.meta.url));
// Real children on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const calm = new AbortController().signal;

let home: string;
let toolchain: string;
let goLog: string;
let lines: string[];
let asked: string[];
let status: number;
let sources: Sources;
const server = createServer((request, response) => {
  asked.push(`${request.method} ${request.url}`);
  response.writeHead(status).end();
});

const bin = () => join(home, "versions", engineVersion, "bin");
const report = (line: string) => void lines.push(line);
const goCalls = () => (existsSync(goLog) ? readFileSync(goLog, "utf8").trim().split("\n") : []);
const ways = () => lines.filter((line) => line.includes("because"));
const said = (name: string) => spawnSync(join(bin(), name), { encoding: "utf8" }).stdout.trim();

function place(...names: string[]): void {
  mkdirSync(bin(), { recursive: true });
  for (const name of names) writeFileSync(join(bin(), name), "#!/bin/sh\necho was there\n", { mode: 0o755 });
}

beforeEach(async () => {
  const root = mkdtempSync(join(tmpdir(), "engine-test-"));
  home = join(root, "home");
  toolchain = join(root, "toolchain");
  goLog = join(root, "go.log");
  mkdirSync(toolchain);
  [lines, asked, status] = [[], [], 200];
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  sources = {
    download: {
      installScript: new URL(`http://127.0.0.1:${port()}/install.sh`),
      launcher: join(fixtures, "launcher.cjs"),
    },
    toolchain,
  };
  vi.stubEnv("PULUMI_HOME", home);
  vi.stubEnv("PATH", [fixtures, "/usr/bin", "/bin"].join(delimiter));
  vi.stubEnv("FAKE_GO_LOG", goLog);
});

function port(): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new Error("the server does not listen");
  return address.port;
}

afterEach(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(dirname(home), { recursive: true, force: true });
});

describe("an engine that is there", () => {
  test("is answered without a word, a request or a child", async () => {
    place("pulumi", "pulumi-language-nodejs");
    expect(await ensureEngine(report, calm, sources)).toBe(join(bin(), "pulumi"));
    expect([lines, asked, goCalls()]).toEqual([[], [], []]);
  });

  test("is told on standard error only by the command", () => {
    place("pulumi", "pulumi-language-nodejs");
    const { status, stdout, stderr } = spawnSync(process.execPath, [entry], { encoding: "utf8" });
    expect([status, stdout, stderr]).toEqual([0, "", `engine: ready: ${join(bin(), "pulumi")}\n`]);
  });

  test.each([["pulumi"], ["pulumi-language-nodejs"]])("is got again when there is only %s", async (only) => {
    place(only);
    await ensureEngine(report, calm, sources);
    expect(said("pulumi")).toBe("downloaded");
    expect(said("pulumi-language-nodejs")).toBe("downloaded");
  });
});

describe("an engine that can be downloaded", () => {
  test("comes with all that the launcher installs, Go is not asked, and one line says so", async () => {
    expect(await ensureEngine(report, calm, sources)).toBe(join(bin(), "pulumi"));
    expect(readdirSync(bin()).sort()).toEqual(["pulumi", "pulumi-language-go", "pulumi-language-nodejs"]);
    expect(asked).toEqual(["HEAD /install.sh"]);
    expect(goCalls()).toEqual([]);
    expect(ways()).toEqual([`engine: pulumi ${engineVersion} downloaded, because ${bin()} did not hold it`]);
  });

  test("leaves nothing beside its place", async () => {
    await ensureEngine(report, calm, sources);
    expect(readdirSync(home)).toEqual(["versions"]);
    expect(readdirSync(join(home, "versions"))).toEqual([engineVersion]);
  });

  test.each([
    ["broken", "the download failed (", "curl: (22) 404"],
    ["half", "the download left no whole engine", "by launcher.cjs"],
  ])("is built after all when the download is %s, and the line says why", async (how, why, detail) => {
    vi.stubEnv("FAKE_LAUNCHER", how);
    await ensureEngine(report, calm, sources);
    expect(said("pulumi")).toBe("github.com/pulumi/pulumi/pkg/v3/cmd/pulumi");
    expect(ways()).toEqual([expect.stringContaining(why)]);
    expect(ways()).toEqual([expect.stringContaining(detail)]);
  });
});

describe("an engine that can not be downloaded", () => {
  beforeEach(() => {
    status = 403;
  });

  test("is built by Go from the toolchain into a folder beside its place", async () => {
    expect(await ensureEngine(report, calm, sources)).toBe(join(bin(), "pulumi"));
    const [version, host, cli, ...more] = goCalls();
    const flags = `build -mod=readonly -trimpath -buildvcs=false -ldflags -s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${engineVersion} -o`;
    const staging = `${join(home, "versions")}/\\.${engineVersion}-\\w+/bin`;
    expect(version).toContain("|env GOVERSION");
    expect(host).toContain(`${toolchain}|0|${flags} `);
    expect(host).toMatch(new RegExp(` ${staging}/pulumi-language-nodejs \\./language-nodejs$`));
    expect(cli).toContain(`${toolchain}|0|${flags} `);
    expect(cli).toMatch(new RegExp(` ${staging}/pulumi github.com/pulumi/pulumi/pkg/v3/cmd/pulumi$`));
    expect(more).toEqual([]);
  });

  test("is in its place with its language host, and nothing is left of the building", async () => {
    await ensureEngine(report, calm, sources);
    expect(said("pulumi")).toBe("github.com/pulumi/pulumi/pkg/v3/cmd/pulumi");
    expect(said("pulumi-language-nodejs")).toBe("./language-nodejs");
    expect(readdirSync(join(home, "versions"))).toEqual([engineVersion]);
  });

  test("is told by one line with its reason, and a line for each program", async () => {
    await ensureEngine(report, calm, sources);
    expect(lines).toEqual([
      `engine: pulumi ${engineVersion} is built from source with go9.9.9, because 127.0.0.1:${port()} can not be reached (HTTP 403)`,
      "engine: building pulumi-language-nodejs (1 of 2)",
      "engine: building pulumi (2 of 2)",
    ]);
  });

  test("is got once and whole by two that want it at the same time", async () => {
    const both = await Promise.all([
      ensureEngine(report, calm, sources),
      ensureEngine(report, calm, sources),
    ]);
    expect(both).toEqual([join(bin(), "pulumi"), join(bin(), "pulumi")]);
    expect(readdirSync(bin()).sort()).toEqual(["pulumi", "pulumi-language-nodejs"]);
    expect(readdirSync(join(home, "versions"))).toEqual([engineVersion]);
  });

  test("is an error of one line without Go, which says what, where and the way out", async () => {
    vi.stubEnv("PATH", toolchain);
    const error = await ensureEngine(report, calm, sources).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Problem);
    expect(String(error)).toBe(
      `Problem: engine ${bin()}: expected pulumi ${engineVersion} and its language host, got nothing that can be had: ` +
        `127.0.0.1:${port()} can not be reached (HTTP 403); go is not on PATH — ` +
        "install Go (https://go.dev/dl) or reach get.pulumi.com, then run `npm run engine`",
    );
    expect(readdirSync(join(home, "versions"))).toEqual([]);
  });

  test("is an error with Go's last words when it can not be built either", async () => {
    vi.stubEnv("FAKE_GO", "broken");
    await expect(ensureEngine(report, calm, sources)).rejects.toThrow(
      /building pulumi-language-nodejs failed \(go ended with 1: no required module provides it\)/,
    );
    expect(existsSync(bin())).toBe(false);
  });

  test("ends Go and what Go started when the wish is taken back", async () => {
    vi.stubEnv("FAKE_GO", "endless");
    const abort = new AbortController();
    const wish = ensureEngine(report, abort.signal, sources).catch((reason: unknown) => reason);
    await logged("go waits", "child waits");
    abort.abort("no longer wanted");
    expect(await wish).toBe("no longer wanted");
    await logged("go ended", "child ended");
    expect(readdirSync(join(home, "versions"))).toEqual([]);
  });
});

test("The command ends Go, tidies up and says so when it is interrupted", async () => {
  vi.stubEnv("FAKE_GO", "endless");
  vi.stubEnv("NODE_USE_ENV_PROXY", "1");
  vi.stubEnv("HTTPS_PROXY", "http://127.0.0.1:1"); // Nothing listens there: no download, with or without a network.
  const command = spawn(process.execPath, [entry], { stdio: ["ignore", "ignore", "pipe"] });
  const words = text(command.stderr);
  const end = once(command, "exit");
  await logged("go waits", "child waits");
  command.kill("SIGINT");
  expect(await end).toEqual([130, null]);
  expect(await words).toMatch(/\ninterrupted\n$/);
  await logged("go ended", "child ended");
  expect(readdirSync(join(home, "versions"))).toEqual([]);
});

test("A home that can not be written to is an error that names PULUMI_HOME", async () => {
  writeFileSync(home, "a file, not a folder");
  await expect(ensureEngine(report, calm, sources)).rejects.toThrow(/a folder to write to.*set PULUMI_HOME/);
});

async function logged(...wanted: string[]): Promise<void> {
  await vi.waitUntil(() => wanted.every((line) => goCalls().includes(line)), { timeout: 20_000 });
}
