import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newAuthority } from "../../src/substrates/pve/double/authority.ts";
import { Bench, type Certified, project, resultsOf } from "./bench.ts";
import { processesWith } from "./processes.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start({ provision: false });
});
afterAll(() => bench[Symbol.asyncDispose]());

const gates = ["pve.tls", "pve.api", "pve.perms"];
const stack = "lab-pve";

/** Every check that is not blocked behind a closed gate, by its key. */
function told({ manifest }: Certified): Record<string, string> {
  const checks = manifest?.checks.filter(({ summary }) => !/ is (blocked|fail)$/.test(summary ?? "")) ?? [];
  return Object.fromEntries(
    checks.map(({ name, target, result }) => [target === undefined ? name : `${name}@${target}`, result]),
  );
}

function allPassed(certified: Certified, ids: readonly string[]): void {
  for (const id of ids)
    expect(new Set(Object.values(resultsOf(certified.manifest, id))), id).toEqual(new Set(["pass"]));
}

/** The lab met with other stack config than its own. */
async function withConfig(changes: Readonly<Record<string, unknown>>): Promise<Bench> {
  const overlay = JSON.parse(await readFile(bench.home.overlay, "utf8"));
  const file = join(bench.folder, "overlay.json");
  await writeFile(file, JSON.stringify({ ...overlay, [stack]: { ...overlay[stack], ...changes } }), {
    mode: 0o600,
  });
  return bench.with({ SUBSTRATE_OVERLAY: file });
}

async function withFaults(names: readonly string[], run: () => Promise<Certified>): Promise<Certified> {
  for (const name of names) await bench.lab("fault", name);
  try {
    return await run();
  } finally {
    await bench.lab("heal");
  }
}

/** Everything of the bench but the lab itself and this test. */
async function left(): Promise<string[]> {
  const lab = (await bench.home.readTicket())?.pid ?? 0;
  return processesWith(`SUBSTRATE_LAB=${bench.home.path}`, [lab, process.pid]);
}

describe("a stack that was never provisioned", () => {
  it("fails and says so, answers what needs no resources, and creates nothing", async () => {
    await bench.pulumi("stack", "rm", "--yes", "--preserve-config", "-s", stack);
    const before = await bench.backend();
    const certified = await bench.certify();
    expect(certified).toMatchObject({ exit: 1, manifest: { status: "fail", repairs: [] } });
    expect(certified.manifest?.checks.find(({ name }) => name === "pve.drift")).toMatchObject({
      result: "fail",
      summary: expect.stringMatching(/never provisioned.*--repair/),
    });
    allPassed(certified, gates);
    expect(resultsOf(certified.manifest, "pve.template")).toEqual({ "": "fail" });
    expect(await bench.backend()).toBe(before);
  });

  it("is made by --repair, with a record of everything that it made", async () => {
    const certified = await bench.certify(
      "--repair",
      "--run-id",
      "run-first",
      "--cloud-certification",
      await cloud(),
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

const soon = new Date(Date.now() + 3_600_000).toISOString();

/** A manifest as the cloud's command writes it, of the lab. */
async function cloud(parts: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const file = join(bench.folder, "cloud.json");
  const now = new Date().toISOString();
  const written = {
    schemaVersion: "release-environment-certification/v1",
    manifestId: "envcert-cloud",
    environment: "lab",
    topology: "sam-full",
    status: "pass",
    issuedAt: now,
    expiresAt: soon,
    providers: ["aws"],
    certifiers: [{ name: "certify-cloud-substrate.sh", result: "pass" }],
    checks: [{ name: "aws.drift", component: "cloud", provider: "aws", result: "pass", checkedAt: now }],
    repairs: [],
    ...parts,
  };
  await writeFile(file, JSON.stringify(written));
  return file;
}

describe("an API that", () => {
  it.each([
    ["pve-api-failing", { "pve.tls": "pass", "pve.api": "blocked" }, "the far end failed (5xx)"],
    ["pve-api-garbage", { "pve.tls": "pass", "pve.api": "blocked" }, "could not be understood"],
    ["pve-api-truncated", { "pve.tls": "pass", "pve.api": "blocked" }, "was cut short"],
    ["pve-token-powerless", { "pve.tls": "pass", "pve.api": "pass", "pve.perms": "blocked" }, "VM.Audit"],
  ])(
    "is %s is blocked at its gate, with everything behind it, and nothing is repaired",
    async (fault, gate, words) => {
      const certified = await withFaults([fault], () => bench.certify("--repair"));
      expect(certified).toMatchObject({ exit: 3, manifest: { status: "blocked", repairs: [] } });
      expect(told(certified)).toEqual(gate);
      expect(certified.manifest?.checks.find(({ result }) => result === "blocked")?.summary).toContain(words);
    },
  );

  it("answers too late ends with the run's deadline, and leaves nothing behind", async () => {
    const certified = await withFaults(["pve-api-slow"], () => bench.certify("--deadline", "4s"));
    expect(certified).toMatchObject({ exit: 3, manifest: { status: "blocked" } });
    expect(told(certified)).toEqual({ "pve.tls": "pass", "pve.api": "blocked" });
    expect(await left()).toEqual([]);
  });

  it("shows another certificate than the pinned one fails; one of an unknown authority is blocked", async () => {
    const other = Array.from({ length: 32 }, () => "AB").join(":");
    const pin = await (await withConfig({ "pve:fingerprint": other })).certify();
    expect(pin).toMatchObject({ exit: 1, manifest: { status: "fail" } });
    expect(told(pin)).toEqual({ "pve.tls": "fail" });
    const authority = await (await withConfig({ "pve:ca": (await newAuthority()).certificate })).certify();
    expect(authority).toMatchObject({ exit: 3, manifest: { status: "blocked" } });
    expect(told(authority)).toEqual({ "pve.tls": "blocked" });
  });

  it("refuses the token is blocked", async () => {
    const wrong = "certifier@pve!lab=00000000-0000-4000-8000-000000000000";
    const certified = await (await withConfig({ "pve:token": wrong })).certify();
    expect(certified).toMatchObject({ exit: 3, manifest: { status: "blocked" } });
    expect(told(certified)).toEqual({ "pve.tls": "pass", "pve.api": "blocked" });
  });
});

describe("one thing that can not be read", () => {
  it("in the engine's refresh blocks the drift; provider functions and all other checks are still answered", async () => {
    const log = join(bench.folder, "debug.log");
    const certified = await withFaults(["pve-vm-unreadable"], () =>
      bench.certify("--verbose", "--debug-log", log),
    );
    expect(certified).toMatchObject({ exit: 3, manifest: { status: "blocked" } });
    const blocked = Object.entries(told(certified)).filter(([, result]) => result !== "pass");
    expect(Object.fromEntries(blocked)).toMatchObject({
      "pve.drift": "blocked",
      "pve.qga.enabled@client1": "blocked",
    });
    expect(blocked.filter(([key]) => key !== "pve.drift" && !key.endsWith("@client1"))).toEqual([]);
    allPassed(certified, ["pve.nodes", "g.ssh", "pve.l3"]);

    const text = await readFile(log, "utf8");
    expect(text.split("\n")[0]).toMatch(/^PRIVATE: .*Do not publish/);
    expect(text).toContain("got timeout");
    expect((await stat(log)).mode & 0o777).toBe(0o600);
  });

  it("in the backend blocks what the engine must tell, and nothing else", async () => {
    const nowhere = bench.with({ PULUMI_BACKEND_URL: `file://${join(bench.folder, "nowhere")}` });
    const certified = await nowhere.certify();
    expect(certified).toMatchObject({ exit: 3, manifest: { status: "blocked" } });
    const blocked = Object.entries(told(certified)).filter(([, result]) => result !== "pass");
    expect(blocked.map(([key]) => key).sort()).toEqual(["pve.drift", "pve.nodes"]);
  });
});

describe("guests that hang", () => {
  it("take nobody's time but their own: agent, connection, banner and output without end", async () => {
    const faults = ["pve-agent-hung", "pve-guest-mute", "pve-guest-banner", "pve-guest-endless"];
    const certified = await withFaults(faults, () => bench.certify());
    expect(certified).toMatchObject({ exit: 1, manifest: { status: "fail" } });
    expect(told(certified)).toMatchObject({
      "pve.qga.responsive@client2": "fail",
      "g.ssh@client1": "fail",
      "g.ssh@leaf2": "fail",
      "g.ssh@leaf1": "pass",
      "g.hostname@leaf1": "blocked",
      "g.cloudinit@leaf1": "blocked",
      "pve.drift": "pass",
    });
    expect(resultsOf(certified.manifest, "g.ssh").client2).not.toBe("fail");
  });

  it("print binary and terminal controls do not get them onto anybody's terminal", async () => {
    const certified = await withFaults(["pve-guest-garbled"], () => bench.certify("--verbose"));
    expect(told(certified)).toMatchObject({ "g.hostname@leaf2": "blocked", "pve.l3@leaf2": "pass" });
    expect(certified.manifest?.status).toBe("blocked");
  });
});

describe("an update in between", () => {
  it("blocks the drift, for a preview sees half of it", async () => {
    const file = join(bench.folder, "export.json");
    await bench.pulumi("stack", "export", "-s", stack, "--file", file);
    const changed = (await readFile(file, "utf8")).replace("run-first", "run-other");
    await writeFile(file, changed);
    const out = join(bench.folder, "between.json");
    const certifying = bench.begin(out);
    await says(certifying, /pve\.perms/);
    await bench.pulumi("stack", "import", "-s", stack, "--file", file);
    const { exitCode } = await certifying;
    const certified = { manifest: JSON.parse(await readFile(out, "utf8")) };
    expect(resultsOf(certified.manifest, "pve.drift")).toEqual({ "": "blocked" });
    expect(exitCode).toBe(3);
  });
});

describe("Ctrl-C", () => {
  it.skipIf(process.platform !== "linux").each([
    ["while looking", [], /pve\.perms/],
    ["while repairing", ["--repair"], /phase +repairing/],
    ["while looking again", ["--repair"], /phase +looking at lab-pve again/],
  ])(
    "%s ends in bounded time with a blocked manifest, and leaves no process",
    async (_phase, args, moment) => {
      if (args.length > 0) await bench.lab("drift", "agent-disabled");
      const out = join(bench.folder, "interrupted.json");
      const certifying = bench.begin(out, ...args);
      await says(certifying, moment);
      certifying.kill("SIGINT");
      const { exitCode, all } = await certifying;
      bench.said.push(all);
      expect({ exitCode, all }).toMatchObject({ exitCode: 3 });
      expect(all).toMatch(/interrupted: .*again/);
      const manifest = JSON.parse(await readFile(out, "utf8"));
      expect(manifest).toMatchObject({ status: "blocked" });
      for (const { result } of manifest.repairs) expect(result).toBe("blocked");
      expect(await left()).toEqual([]);
    },
  );

  it.skipIf(process.platform !== "linux")(
    "twice leaves at once, saying what that costs; the engine ends what it has begun",
    async () => {
      const out = join(bench.folder, "left.json");
      await bench.lab("drift", "vm-deleted");
      const certifying = bench.begin(out, "--repair");
      await says(certifying, /phase +repairing/);
      certifying.kill("SIGINT");
      await says(certifying, /interrupted: /);
      certifying.kill("SIGINT");
      const { exitCode, all } = await certifying;
      expect({ exitCode, all }).toMatchObject({ exitCode: 130 });
      expect(all).toMatch(/left at once: .*pulumi cancel/);
      expect(existsSync(out)).toBe(false);
      await expect.poll(left, { timeout: 70_000 }).toEqual([]);
    },
  );

  it("does not keep the next repair from ending well", async () => {
    const certified = await bench.certify("--repair");
    expect({ exit: certified.exit, said: certified.stdout }).toMatchObject({ exit: 0 });
  });

  it("while the engine is being built ends the build, and the manifest is blocked", async () => {
    const bin = await tools({ go: "#!/bin/sh\ncase $1 in env) echo go9.9.9 ;; *) exec sleep 600 ;; esac\n" });
    const certifying = bench
      .with({ ...offline, PULUMI_HOME: join(bench.folder, "no-engine"), PATH: bin })
      .begin(join(bench.folder, "building.json"));
    await says(certifying, /engine: building/);
    certifying.kill("SIGINT");
    const { exitCode, all } = await certifying;
    expect({ exitCode, all }).toMatchObject({ exitCode: 3 });
    expect(JSON.parse(await readFile(join(bench.folder, "building.json"), "utf8"))).toMatchObject({
      status: "blocked",
    });
    expect(await left()).toEqual([]);
  });
});

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
    ["substrate:bootDeadline", "5 minutes", /substrate:bootDeadline: expected a duration/],
  ])("config whose %s breaks the model", async (key, value, message) => {
    const other = await withConfig({ [key]: value });
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
    const args = given(join(bench.folder, "merged.json"), "--cloud-certification", await cloud(parts));
    await refused(bench.script(args), message);
  });

  it("an overlay that is not there", async () => {
    const other = bench.with({ SUBSTRATE_OVERLAY: join(bench.folder, "gone.json") });
    await refused(other.script(given(join(bench.folder, "config.json"))), /expected a readable JSON file/);
  });

  it("a machine without engine, network or Go", async () => {
    const bin = await tools({});
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

describe("everything that was said on these days", () => {
  it("holds no address, no VM id, no token, no far end's text and no terminal control", async () => {
    const overlay = JSON.parse(await readFile(bench.home.overlay, "utf8"))[stack];
    const words = bench.said.join("\n").replaceAll("http://192.0.2.1/", "");
    expect(words.length).toBeGreaterThan(10_000);
    for (const secret of [
      overlay["pve:token"].split("=")[1],
      overlay["substrate:sshKey"],
      overlay["pve:fingerprint"],
    ])
      expect(words).not.toContain(secret);
    expect(words.match(/\b(10\.77|192\.0\.2|127\.0\.0)\.\d+\.?\d*/g)).toBeNull();
    expect(words.match(/\b(9000|910[1-4])\b/g)).toBeNull();
    expect(words).not.toMatch(/UPID:|PVEAPIToken|BEGIN OPENSSH|pwned|owned|got timeout|no such host|<html>/);
    expect(words.match(/(?!\n)\p{Cc}/gu)).toBeNull();
  });
});

/** Node's fetch goes through a proxy that is not there. */
const offline = {
  NODE_USE_ENV_PROXY: "1",
  HTTPS_PROXY: "http://127.0.0.1:1",
  https_proxy: "http://127.0.0.1:1",
};

/** A folder for PATH with what the entry point's three lines need, and these scripts. */
async function tools(scripts: Readonly<Record<string, string>>): Promise<string> {
  const folder = join(bench.folder, `bin-${Object.keys(scripts).join("-")}`);
  await mkdir(folder, { recursive: true });
  for (const name of ["dirname", "sleep"])
    await symlink((await execa("which", [name])).stdout, join(folder, name));
  for (const [name, text] of Object.entries(scripts)) {
    await writeFile(join(folder, name), text);
    await chmod(join(folder, name), 0o755);
  }
  return folder;
}

/** Resolves when a running command has said something; throws where it ends without. */
async function says(running: ReturnType<Bench["begin"]>, what: RegExp): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let heard = "";
  running.all?.on("data", (chunk: Buffer) => {
    heard += chunk;
    if (what.test(heard)) resolve();
  });
  running.all?.once("close", () => reject(new Error(`ended without saying ${what}:\n${heard}`)));
  await promise;
}
