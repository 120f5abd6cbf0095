import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { ask } from "../../src/lab/client.ts";
import { Bench, resultsOf } from "./bench.ts";
import { whileUpdated } from "./days.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start({ provision: true });
});
afterAll(() => bench[Symbol.asyncDispose]());

const checkpoint = z.object({
  checkpoint: z.object({
    latest: z.object({ pending_operations: z.array(z.object({ type: z.string() })).default([]) }),
  }),
});

/** Kills the engine, with the host that drives it, as soon as it is creating something: no signal, no farewell. */
async function killWhileCreating(): Promise<void> {
  await expect.poll(() => isCreating(), { timeout: 120_000, interval: 20 }).toBe(true);
  const pid = await lockHolder();
  const { stdout } = await execa("ps", ["-o", "pgid=", "-p", String(pid)]);
  process.kill(-Number(stdout.trim()), "SIGKILL");
}

async function isCreating(): Promise<boolean> {
  const text = await readFile(checkpointFile(), "utf8");
  const found = checkpoint.safeParse(parsed(text)).data?.checkpoint.latest.pending_operations ?? [];
  return found.some(({ type }) => type === "creating");
}

async function lockHolder(): Promise<number> {
  const [file = ""] = (await readdir(locks())).filter((name) => name.endsWith(".json"));
  return z.object({ pid: z.number() }).parse(parsed(await readFile(join(locks(), file), "utf8"))).pid;
}

function checkpointFile(): string {
  return join(bench.home.backend, ".pulumi/stacks/substrate/lab-pve.json");
}

function locks(): string {
  return join(bench.home.backend, ".pulumi/locks/organization/substrate/lab-pve");
}

/** None for a file that is being written. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const hostKeys = z.object({ pve: z.record(z.string(), z.object({ fingerprint: z.string() })) });

/** Recorded fingerprints by endpoint. */
async function recorded(): Promise<Readonly<Record<string, string>>> {
  const shown = await bench.pulumi("stack", "output", "hostKeys", "--json", "-s", "lab-ledger");
  const keys = Object.entries(hostKeys.parse(JSON.parse(shown)).pve);
  return Object.fromEntries(keys.map(([endpoint, { fingerprint }]) => [endpoint, fingerprint]));
}

describe("a guest that stays dead", () => {
  it("is made anew with its firewall, certified, and known by its new host key", async () => {
    const before = await recorded();
    await bench.lab("fault", "pve-guest-hung");
    expect(await bench.certify()).toMatchObject({ exit: 1, manifest: { repairs: [] } });

    const { exit, manifest } = await bench.certify("--repair");
    expect(exit).toBe(0);
    const repairs = manifest?.repairs.map(({ target, action, result }) => [target, action, result]);
    expect(repairs?.toSorted()).toEqual([
      ["client2", "replaced", "pass"],
      ["client2-firewall", "replaced", "pass"],
      ["client2-rules", "replaced", "pass"],
    ]);
    const after = await recorded();
    expect(after).toEqual({ ...before, client2: expect.any(String) });
    expect(after.client2).not.toBe(before.client2);
    expect(await bench.certify()).toMatchObject({ exit: 0 });
  });

  it("and comes back dead is a fail, after one attempt; its siblings are left alone", async () => {
    await bench.lab("fault", "pve-guest-silent");
    try {
      const { exit, manifest } = await bench.certify("--repair");
      expect(exit).toBe(1);
      expect(manifest?.repairs.map(({ target, result }) => [target, result]).toSorted()).toEqual([
        ["client2", "fail"],
        ["client2-firewall", "fail"],
        ["client2-rules", "fail"],
      ]);
    } finally {
      await bench.lab("heal");
    }
    // Nobody has certified the new guest yet.
    expect(resultsOf((await bench.certify()).manifest, "g.ssh")).toMatchObject({
      client1: "pass",
      client2: "blocked",
    });
    expect(await bench.certify("--repair")).toMatchObject({ exit: 0, manifest: { repairs: [] } });
  });
});

describe("a repair that was killed", () => {
  it("leaves a lock that only looking respects; the next repair removes it and settles what was being created", async () => {
    await bench.lab("drift", "vm-deleted");
    const [killed] = await Promise.all([bench.certify("--repair"), killWhileCreating()]);
    expect(killed.exit).not.toBe(0);

    const looked = await bench.certify();
    expect(resultsOf(looked.manifest, "pve.drift")).toEqual({ "": "blocked" });
    expect(looked.stdout + looked.stderr).toMatch(/locked by .*that process is gone/);

    const repaired = await bench.certify("--repair");
    expect(repaired.stdout + repaired.stderr).toMatch(/which is gone: removed/);
    expect(repaired).toMatchObject({ exit: 0, manifest: { status: "pass" } });
    expect(await bench.certify()).toMatchObject({ exit: 0 });
  });
});

const whole = z.looseObject({
  checkpoint: z.looseObject({
    latest: z.looseObject({
      resources: z.array(
        z.looseObject({
          urn: z.string(),
          id: z.string().optional(),
          inputs: z.looseObject({ description: z.string().default("") }).optional(),
          outputs: z.unknown().optional(),
        }),
      ),
    }),
  }),
});

/**
 * The checkpoint as if the engine had been killed when this VM was made, and before its firewall was.
 * @returns the description that it was to get
 */
async function forgetEnd(name: string): Promise<string> {
  const read = whole.parse(JSON.parse(await readFile(checkpointFile(), "utf8")));
  const { latest } = read.checkpoint;
  const found = latest.resources.find(({ urn }) => urn.endsWith(`::${name}`));
  const resource = { ...found, id: undefined, outputs: undefined };
  const resources = latest.resources.filter(({ urn }) => !`${urn}-`.includes(`::${name}-`));
  const pending_operations = [{ type: "creating", resource }];
  const checkpoint = { ...read.checkpoint, latest: { ...latest, resources, pending_operations } };
  await writeFile(checkpointFile(), JSON.stringify({ ...read, checkpoint }));
  return found?.inputs?.description ?? "";
}

describe("a creation whose end nobody saw", () => {
  it("is taken over where it is there, instead of being made once more", async () => {
    const before = await recorded();
    await bench.lab("drift", "delete", "pve/client2-rules");
    await forgetEnd("client2");
    const { exit, stdout } = await bench.certify("--repair");
    expect(stdout).toMatch(/creations that were cut off are settled: client2/);
    expect(exit, stdout).toBe(0);
    expect(await recorded()).toEqual(before);
    expect(await bench.certify()).toMatchObject({ exit: 0 });
  });

  it("is taken over and finished where no more of it is there than a clone, still beside its template", async () => {
    const description = await forgetEnd("client2");
    const [vm, form] = ["/nodes/pve2/qemu/9104", { newid: "9104", full: "1", name: "client2", description }];
    const requests = [
      { method: "POST", path: `${vm}/status/stop` },
      { method: "DELETE", path: vm },
      { method: "POST", path: "/nodes/pve1/qemu/9000/clone", form },
    ] as const;
    await ask(bench.home, { do: "send", substrate: "pve", requests: [...requests] });
    const { exit, stdout } = await bench.certify("--repair");
    expect(stdout).toMatch(/creations that were cut off are settled: client2/);
    expect(exit, stdout).toBe(0);
    expect(await bench.certify()).toMatchObject({ exit: 0 });
  });
});

describe("a guest that somebody has set up again by other settings", () => {
  it("shows a key of its own that nobody recorded: it is made anew, whatever it holds now", async () => {
    const before = await recorded();
    await bench.lab("drift", "set", 'pve/client2.initialization.dns.domain="elsewhere.test"');
    const { exit, manifest } = await bench.certify();
    expect(exit).toBe(1);
    expect(
      manifest?.checks.find(({ name, target }) => name === "g.ssh" && target === "client2"),
    ).toMatchObject({
      result: "fail",
      summary: "client2 has set itself up again: its host key is its own, and not the recorded one",
    });

    const repaired = await bench.certify("--repair");
    expect(repaired.exit, repaired.stdout).toBe(0);
    const after = await recorded();
    expect(after).toEqual({ ...before, client2: expect.any(String) });
    expect(after.client2).not.toBe(before.client2);
    expect(await bench.certify()).toMatchObject({ exit: 0 });
  });
});

describe("a stack that somebody is updating", () => {
  it("is blocked, in evidence by the minutes and to people by name, and never repaired", async () => {
    // As a flow's path may be at any moment of an update.
    await bench.lab("drift", "set", "pve/leaf1.networkDevices[2].vlanId=121");
    const { manifest, stdout, stderr } = await whileUpdated(bench, "lab-pve", () =>
      bench.certify("--repair"),
    );
    await bench.lab("heal");
    expect(manifest).toMatchObject({ status: "blocked", repairs: [] });
    const saying = (wanted: string) => manifest?.checks.find(({ name }) => name === wanted)?.summary;
    expect(saying("pve.drift")).toMatch(/^locked by another update for [56] minutes$/);
    expect(saying("pve.l3")).toBe("could not look: an update was under way meanwhile");
    expect(stdout + stderr).toContain("lab-pve is locked by alice on builder (process 4711) since");
    expect(JSON.stringify(manifest)).not.toMatch(/alice|builder/);
  });
});

describe("a ledger", () => {
  it("is refused by the program of plain updates, which would empty it", async () => {
    const refused = bench.pulumi("up", "--yes", "--skip-preview", "-s", "lab-ledger");
    await expect(refused).rejects.toThrow(/a ledger, which only certifications write to/);
    expect(Object.keys(await recorded())).toHaveLength(5);
  });

  it("is written to although its last writer was killed and left a lock", async () => {
    // Linux gives no process a number above 2^22.
    const dead = { pid: 2 ** 22 + 1, username: "bob", hostname: hostname(), timestamp: new Date() };
    const folder = join(dirname(locks()), "lab-ledger");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "dead.json"), JSON.stringify(dead));
    await bench.record({ freeze: null });
    expect(await readdir(folder)).not.toContain("dead.json");
  });
});
