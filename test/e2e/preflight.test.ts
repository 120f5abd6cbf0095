import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { load } from "js-yaml";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { overlayVariable } from "../../src/environment/overlay.ts";
import { Bench, project } from "./bench.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start({ provision: true });
});
afterAll(() => bench[Symbol.asyncDispose]());

/** Why the gate refused: the lines, without what they are refused for not being looked at. */
async function refusals(certification: string, from: Bench = bench) {
  const { exit, stdout, stderr } = await from.preflight(certification);
  const lines = stderr.split("\n").filter((line) => line.startsWith("refused: "));
  return { exit, allowed: stdout !== "", lines: lines.map((line) => line.slice("refused: ".length)) };
}

const admitted = { exit: 0, allowed: true, lines: [] };
const stack = z.object({ config: z.object({ "pve:bridges": z.record(z.string(), z.looseObject({})) }) });
const overlays = z.record(z.string(), z.record(z.string(), z.unknown()));

/** The same lab for somebody whose stack config says something else of a bridge. */
async function withOtherComment(): Promise<Bench> {
  const tracked = stack.parse(load(await readFile(join(project, "stacks/Pulumi.lab-pve.yaml"), "utf8")));
  const bridges = tracked.config["pve:bridges"];
  const changed = { ...bridges, "fabric-a": { ...bridges["fabric-a"], comment: "somebody else's" } };
  const overlay = overlays.parse(JSON.parse(await readFile(bench.env[overlayVariable] ?? "", "utf8")));
  const file = join(bench.folder, "overlay.json");
  const laid = { ...overlay, "lab-pve": { ...overlay["lab-pve"], "pve:bridges": changed } };
  await writeFile(file, JSON.stringify(laid), { mode: 0o600 });
  return bench.with({ [overlayVariable]: file });
}

describe("a certified environment", () => {
  it("is let through by its manifest and by the ledger, which say the same; asking changes nothing", async () => {
    const before = { backend: await bench.backend(), effects: await bench.effects() };
    expect(await refusals(bench.manifest)).toEqual(admitted);
    expect(await refusals("ledger")).toEqual(admitted);
    expect(await bench.status()).toMatch(/^pve +pass +until 20\S+Z {2}by envcert-\S+-lab-sam-full$/m);
    expect({ backend: await bench.backend(), effects: await bench.effects() }).toEqual(before);
  });

  it("stays certified when somebody brings it up again and nothing changes", async () => {
    await bench.pulumi("up", "--yes", "--skip-preview", "-s", "lab-pve");
    expect(await refusals("ledger")).toEqual(admitted);
  });

  it("is refused where the backend does not answer, and where it holds no such stack", async () => {
    const nowhere = bench.with({ PULUMI_BACKEND_URL: "file:///nowhere" });
    expect(await refusals(bench.manifest, nowhere)).toMatchObject({
      exit: 3,
      lines: [
        expect.stringMatching(/^state of lab-pve: expected an answer of the backend/),
        expect.stringMatching(/^the ledger: expected an answer of the backend/),
      ],
    });
    const empty = join(bench.folder, "empty");
    await mkdir(empty);
    expect(
      await refusals(bench.manifest, bench.with({ PULUMI_BACKEND_URL: `file://${empty}` })),
    ).toMatchObject({
      exit: 1,
      lines: [expect.stringMatching(/^state of lab-pve: expected what .* was issued for, got no such stack/)],
    });
  });

  it("is refused with a manifest in which a single byte is another", async () => {
    const copy = join(bench.folder, "copy.json");
    await writeFile(copy, await readFile(bench.manifest));
    expect(await refusals(copy)).toEqual(admitted);
    await appendFile(copy, " ");
    expect(await refusals(copy)).toEqual({
      exit: 1,
      allowed: false,
      lines: [expect.stringMatching(/^the ledger's certification of pve: expected the very bytes of /)],
    });
  });
});

describe("what changes after the certification", () => {
  it("is found in the config, then in the state that it was brought to", async () => {
    const other = await withOtherComment();
    expect(await refusals("ledger", other)).toMatchObject({
      exit: 1,
      lines: [expect.stringMatching(/^declared\/pve of the ledger's envcert-\S+: /)],
    });
    await other.pulumi("up", "--yes", "--skip-preview", "-s", "lab-pve");
    expect(await refusals("ledger")).toMatchObject({
      exit: 1,
      lines: [
        expect.stringMatching(/^state of lab-pve: .* got another: it was changed since — certify again$/),
      ],
    });
  });

  it("counts until it is certified again; from then on the earlier manifest is refused", async () => {
    const old = join(bench.folder, "old.json");
    await writeFile(old, await readFile(bench.manifest));

    const { exit, manifest } = await bench.certify("--repair");
    expect([exit, manifest?.repairs.map(({ target }) => target)]).toEqual([0, ["fabric-a"]]);
    expect(await refusals("ledger")).toEqual(admitted);
    expect(await refusals(bench.manifest)).toEqual(admitted);
    expect((await refusals(old)).lines).toContainEqual(
      expect.stringMatching(
        new RegExp(`^the ledger's certification of pve: .* got ${manifest?.manifestId} — `),
      ),
    );
  });

  it("is not published by only looking, unless asked; then an expired one is shown and refused as expired", async () => {
    const before = await bench.backend();
    expect(await bench.certify()).toMatchObject({ exit: 0 });
    expect(await bench.backend()).toBe(before);

    const { manifest } = await bench.certify("--publish", "--valid-for", "1s");
    expect(manifest?.status).toBe("pass");
    expect(await bench.status()).toMatch(
      new RegExp(`^pve +expired +until \\S+ {2}by ${manifest?.manifestId}$`, "m"),
    );
    expect(await refusals("ledger")).toMatchObject({
      exit: 1,
      lines: [expect.stringMatching(/^expiresAt of the ledger's envcert-/)],
    });
  });
});
