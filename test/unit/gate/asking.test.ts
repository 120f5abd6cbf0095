import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dump, load } from "js-yaml";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { stateDigest } from "../../../src/certification/versions.ts";
import { lineOf } from "../../../src/environment/problem.ts";
import type { Manifest } from "../../../src/manifest/model.ts";
import { certifiedBy, judge, layOver, passing, project, refused } from "../../support/gate.ts";
import { pinEngine } from "../../support/program.ts";

let folder: string;
let good: Manifest;
beforeAll(async () => {
  folder = await layOver();
  good = await passing();
});
afterAll(() => rm(folder, { recursive: true }));

describe("the gate that may ask the backend", () => {
  /** What it holds: a stack that nothing was ever made in, and a ledger with the certification of these bytes. */
  async function pin(current?: Manifest, more = ""): Promise<void> {
    const entries = current && { pve: entryOf(current) };
    const resources = [{ type: "pulumi:pulumi:Stack", outputs: { certifications: entries ?? {} } }];
    const ledger = join(folder, "ledger.json");
    await writeFile(ledger, JSON.stringify({ deployment: { resources } }));
    await pinEngine(`case "$*" in
      "stack export --stack lab-ledger") cat '${ledger}';;
      "stack export --stack lab-pve") echo '{"deployment":null}';;
      ${more}
      *) exit 255;;
    esac`);
  }

  function entryOf(manifest: Manifest) {
    const { manifestId, status, expiresAt, providers } = manifest;
    return {
      manifestId,
      status,
      expiresAt,
      providers,
      manifest: JSON.stringify(manifest),
      sha256: certifiedBy(manifest).sha256,
    };
  }

  const online = { offline: false };
  /** The certification of that stack. */
  function current(): Manifest {
    const state = { "state/pve": stateDigest({ substance: [] }) };
    return { ...good, toolVersions: { ...good.toolVersions, ...state } };
  }

  it("lets a certification through that is the ledger's and whose stack is as it was, and leaves nothing else unjudged", async () => {
    await pin(current());
    expect(await judge(current(), online)).toMatchObject({
      refusals: [],
      notes: ["no release is bound: it is certified for any"],
    });
  });

  it("takes the ledger's own", async () => {
    await pin(current());
    const { certified, refusals } = await judge(undefined, { ...online, certifications: ["ledger"] });
    expect(refusals).toEqual([]);
    expect(certified).toMatchObject([{ source: "the ledger's envcert-1" }]);
  });

  it("refuses a stack that was changed since, and a certification that the ledger does not hold", async () => {
    await pin({ ...current(), manifestId: "envcert-2" });
    expect(await refused(good, online)).toEqual([
      expect.stringMatching(/^state of lab-pve: .* got another: it was changed since — /),
      expect.stringMatching(/^the ledger's certification of pve: .* got envcert-2 — /),
    ]);
  });

  it.each(["-", "ledger"])(
    "is blocked for that alone where no engine is there to ask: %s",
    async (certification) => {
      await pinEngine();
      const { refusals } = await judge(good, { ...online, certifications: [certification] });
      expect(refusals).toMatchObject([{ code: "state", unseen: true }]);
      expect(refusals.map(lineOf)).toEqual([
        "backend: expected the pulumi CLI to ask it with, got none on this machine — run `npm run engine`, or ask with --offline",
      ]);
    },
  );

  /** A project like this one in whose stack config a value that counts is encrypted, for an engine that decrypts it. */
  async function sealed(): Promise<string> {
    const elsewhere = await mkdtemp(join(tmpdir(), "project-"));
    onTestFinished(() => rm(elsewhere, { recursive: true }));
    for (const part of ["node_modules", "src", "scripts", "Pulumi.yaml", "package-lock.json"])
      await symlink(join(project, part), join(elsewhere, part));
    const file = "stacks/Pulumi.lab-pve.yaml";
    const tracked = load(await readFile(join(project, file), "utf8"));
    const { config } = z.object({ config: z.record(z.string(), z.unknown()) }).parse(tracked);
    await mkdir(join(elsewhere, "stacks"));
    await writeFile(
      join(elsewhere, file),
      dump({ config: { ...config, "pve:domain": { secure: "v1:abc" } } }),
    );
    const shown = Object.entries(config).map(([key, value]) => [
      ...[key, { value: typeof value === "string" ? value : JSON.stringify(value) }],
    ]);
    await writeFile(join(elsewhere, "shown.json"), JSON.stringify(Object.fromEntries(shown)));
    await pin(current(), '"config --json --show-secrets --stack lab-pve") cat shown.json;;');
    return elsewhere;
  }

  it("has the engine decrypt stack config of which an encrypted value counts", async () => {
    expect((await judge(current(), online, await sealed())).refusals.map(lineOf)).toEqual([]);
  });

  it("does not where it may ask nobody, and says how it may", async () => {
    const { refusals } = await judge(current(), { offline: true }, await sealed());
    expect(refusals.map(lineOf)).toEqual([
      expect.stringMatching(/^stacks\/Pulumi\.lab-pve\.yaml: .* got encrypted ones — ask without --offline/),
    ]);
  });
});
