import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { Secret } from "../../src/environment/secret.ts";
import { ask } from "../../src/lab/client.ts";
import { manifest as manifestModel } from "../../src/manifest/model.ts";
import type { ApiRequest } from "../../src/substrates/double.ts";
import { openApi } from "../../src/substrates/pve/api.ts";
import { Bench, resultsOf } from "./bench.ts";

const stack = "lab-adopted-pve";
const template = "/nodes/pve2/qemu/8000";
const ours = ["client3", "client4", "leaf3", "leaf4"];

let bench: Bench;
/** The same lab for those who only look. */
let looking: Bench;
/** What was there before anybody came. */
let before: unknown;

beforeAll(async () => {
  bench = await Bench.start({ provision: false });
  looking = bench.with({ SUBSTRATE_OVERLAY: bench.home.readOnlyOverlay });
  before = await foreign();
  await up("lab-pve");
  await up(stack);
});
afterAll(() => bench[Symbol.asyncDispose]());

function up(name: string): Promise<string> {
  return bench.pulumi("up", "--yes", "--skip-preview", "-s", name);
}

async function certify(as: Bench, ...args: string[]) {
  const out = join(bench.folder, "adopted.manifest.json");
  await rm(out, { force: true });
  const ran = await as.script([
    "--environment",
    "lab-adopted",
    "--topology",
    "sam-full",
    "--out",
    out,
    ...args,
  ]);
  return { ...ran, manifest: manifestModel.parse(JSON.parse(await readFile(out, "utf8"))) };
}

/** Changes something as an outsider. */
function drift(...requests: ApiRequest[]) {
  return ask(bench.home, { do: "send", substrate: "pve", requests });
}

const credentials = z.object({
  [stack]: z.object({
    "pve:endpoint": z.string(),
    "pve:token": z.string(),
    "pve:ca": z.string(),
    "pve:fingerprint": z.string(),
  }),
});
/** Without the numbers of our own guests, which come and go. */
const pools = z.array(
  z.object({
    comment: z.string(),
    members: z
      .array(z.object({ vmid: z.number() }))
      .transform((all) => all.filter(({ vmid }) => vmid === 8000)),
  }),
);
const bridges = z.array(z.object({ iface: z.string() }).loose());

/** Template, pool and bridge of others, as the API tells them. */
async function foreign() {
  const { [stack]: own } = credentials.parse(JSON.parse(await readFile(bench.home.overlay, "utf8")));
  const signal = AbortSignal.timeout(30_000);
  await using api = openApi({
    endpoint: own["pve:endpoint"],
    token: new Secret(own["pve:token"]),
    ca: own["pve:ca"],
    fingerprint: own["pve:fingerprint"],
  });
  return {
    template: await api.get(`${template}/config`, z.unknown(), signal),
    pool: await api.get("/pools?poolid=platform", pools, signal),
    bridge: (await api.get("/nodes/pve2/network", bridges, signal)).find(({ iface }) => iface === "vmbr1"),
  };
}

const exported = z.object({
  deployment: z.object({
    resources: z.array(
      z.object({
        urn: z.string(),
        id: z.string().optional(),
        protect: z.boolean().default(false),
        retainOnDelete: z.boolean().default(false),
      }),
    ),
  }),
});

describe("an environment that adopts bridge, template and pool", () => {
  it("imports them, and keeps them protected and retained", async () => {
    const { deployment } = exported.parse(JSON.parse(await bench.pulumi("stack", "export", "-s", stack)));
    const kept = deployment.resources.filter(({ protect, retainOnDelete }) => protect && retainOnDelete);
    expect(kept.map(({ urn, id }) => [urn.split("::").at(-1), id]).toSorted()).toEqual([
      ["fabric-b", "pve2:vmbr1"],
      ["pool", "platform"],
      ["template", "8000"],
    ]);
    expect(await bench.machines()).toEqual(
      ["client1", "client2", "edge1", ...ours, "leaf1", "leaf2"].toSorted(),
    );
  });

  it("is certified beside the one that makes its own, with nothing to repair", async () => {
    const { exit, manifest } = await certify(bench, "--repair");
    expect(exit).toBe(0);
    expect(manifest).toMatchObject({ status: "pass", environment: "lab-adopted", repairs: [] });
    expect(manifest.checks.find(({ name }) => name === "pve.inventory")?.summary).toContain(
      "1 adopted one is kept",
    );
  });

  it("is certified with the token that only looks, which leaves no trace", async () => {
    const effects = await status();
    const { exit, manifest } = await certify(looking);
    expect({ exit, status: manifest.status }).toEqual({ exit: 0, status: "pass" });
    expect(await status()).toEqual(effects);
  });
});

/** Changes by principal. */
async function status() {
  return (await ask(bench.home, { do: "status" })).effects;
}

describe("a change of what is ours and of what is not", () => {
  it("is repaired with the token that may, but only what is ours", async () => {
    await drift({ method: "PUT", path: "/nodes/pve2/qemu/9201/config", form: { tags: "routerd" } });
    await drift({ method: "PUT", path: `${template}/config`, form: { tags: "golden", cores: "4" } });
    const theirs = await foreign();

    const refused = await certify(looking, "--repair");
    expect(refused.exit).toBe(3);
    expect(refused.manifest.repairs).toEqual([]);
    const gate = refused.manifest.checks.find(({ name }) => name === "pve.perms");
    expect(gate?.summary).toMatch(/^could not repair: the token lacks Sys.Modify on nodes with bridges; /);
    await expect(looking.pulumi("up", "--yes", "--skip-preview", "--refresh", "-s", stack)).rejects.toThrow(
      /403 .*Permission check failed/,
    );

    const { exit, manifest } = await certify(bench, "--repair");
    expect(exit).toBe(0);
    expect(manifest.repairs.map(({ target, action, result }) => [target, action, result])).toEqual([
      ["client3", "set tags[1]", "pass"],
    ]);
    expect(await foreign()).toEqual(theirs);
  });

  it("that makes the adopted template another one is blocked, with what a person would do", async () => {
    const target = { target: "pve1", "with-local-disks": "1" };
    await drift({ method: "POST", path: `${template}/migrate`, form: target });
    const effects = await status();
    const { exit, manifest, stdout, stderr } = await certify(bench, "--repair");
    expect(exit).toBe(3);
    expect(resultsOf(manifest, "pve.template")).toEqual({ "": "blocked" });
    expect(resultsOf(manifest, "pve.drift")).toEqual({ "": "blocked" });
    expect(stdout + stderr).toMatch(/template was there before us .*pulumi state delete -s lab-adopted-pve/s);
    expect(await status()).toEqual(effects);
    await ask(bench.home, { do: "heal" });
    expect(await certify(bench)).toMatchObject({ exit: 0 });
  });

  it("that takes the adopted bridge away is seen, and told to whoever keeps it", async () => {
    await drift(
      { method: "DELETE", path: "/nodes/pve2/network/vmbr1" },
      { method: "PUT", path: "/nodes/pve2/network" },
    );
    const looked = await certify(looking);
    expect(looked.exit).toBe(1);
    const drifted = looked.manifest.checks.find(({ name }) => name === "pve.drift");
    expect(drifted).toMatchObject({ result: "fail" });
    expect(drifted?.summary).toContain("fabric-b is adopted and not there");
    const effects = await status();
    const { exit, manifest, stdout, stderr } = await certify(bench, "--repair");
    expect(exit).not.toBe(0);
    expect(manifest.repairs.every(({ result }) => result === "blocked")).toBe(true);
    expect(stdout + stderr).toMatch(
      /fabric-b is adopted and not there\. Whoever keeps it has to make it again/,
    );
    expect(await status()).toEqual(effects);
    await ask(bench.home, { do: "heal" });
    expect(await certify(bench)).toMatchObject({ exit: 0 });
  });
});

describe("destroying it", () => {
  it("leaves what was there before, and the other environment, as they were", async () => {
    await bench.pulumi("destroy", "--yes", "--skip-preview", "--exclude-protected", "-s", stack);
    await bench.pulumi("state", "unprotect", "--all", "--yes", "-s", stack);
    await bench.pulumi("destroy", "--yes", "--skip-preview", "-s", stack);
    expect(await bench.machines()).toEqual(["client1", "client2", "edge1", "leaf1", "leaf2"]);
    expect(await foreign()).toEqual(before);
  });
});
