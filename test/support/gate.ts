// A manifest that the gate lets through, for the lab's tracked stack config and this very source.
import { createHash } from "node:crypto";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { toolVersions } from "../../src/certification/versions.ts";
import { overlayVariable } from "../../src/environment/overlay.ts";
import { lineOf } from "../../src/environment/problem.ts";
import { type Expectation, expectationOf } from "../../src/gate/expectation.ts";
import { type Admission, preflight } from "../../src/gate/preflight.ts";
import type { Certified, Request } from "../../src/gate/request.ts";
import { type Manifest, manifest as model } from "../../src/manifest/model.ts";

export const project = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** What a running lab would lay over its tracked config; nothing of it is used but to be parsed. */
export const overlay = {
  "pve:endpoint": "https://192.0.2.1:8006/",
  "pve:token": "certifier@pve!lab=00000000-0000-0000-0000-000000000000",
  "pve:fingerprint": Array(32).fill("AB").join(":"),
  "substrate:sshKey": "a key",
};

/** When everything is judged, unless a test says otherwise. */
const now = new Date("2026-11-22T18:00:00Z");

/** Has this process, and what it starts, find the lab's overlay; gives the folder that it is in. */
export async function layOver(more: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "gate-"));
  const file = join(folder, "overlay.json");
  await writeFile(file, JSON.stringify({ "lab-pve": { ...overlay, ...more } }));
  process.env[overlayVariable] = file;
  return folder;
}

/** What is expected of the lab. */
export async function expected(): Promise<Expectation> {
  const { source } = await toolVersions(project);
  const found = await expectationOf("pve", { environment: "lab", project, source, decrypt: undefined });
  if ("planned" in found) return found;
  throw new Error(lineOf(found));
}

/** Everything proven. */
export async function passing(): Promise<Manifest> {
  const { planned, versions, certifier } = await expected();
  const checkedAt = "2026-11-22T16:50:00Z";
  const common = { component: "pve", provider: "pve", result: "pass", checkedAt } as const;
  return model.parse({
    schemaVersion: "release-environment-certification/v1",
    manifestId: "envcert-1",
    environment: "lab",
    topology: "sam-full",
    status: "pass",
    issuedAt: "2026-11-22T17:00:00Z",
    expiresAt: "2026-11-23T17:00:00Z",
    providers: ["pve"],
    certifiers: [{ name: certifier, result: "pass" }],
    checks: planned.map(({ id, target }) => ({ ...common, name: id, ...(target && { target }) })),
    repairs: [],
    toolVersions: {
      ...(await toolVersions(project)),
      ...versions,
      "state/pve": "a".repeat(64),
      "observed/pve": "b".repeat(64),
    },
  });
}

/** A manifest as it was read. */
export function certifiedBy(manifest: Manifest, source = "m.json"): Certified {
  const sha256 = createHash("sha256").update(JSON.stringify(manifest)).digest("hex");
  return { manifest, sha256, source };
}

/** Asks for the lab, offline, with a manifest on standard input. */
export async function judge(
  manifest: unknown,
  asked: Partial<Request> = {},
  where = project,
): Promise<Admission> {
  return preflight(
    {
      certifications: ["-"],
      environment: "lab",
      topology: "sam-full",
      providers: ["pve"],
      offline: true,
      ...asked,
    },
    {
      project: where,
      input: Readable.from([JSON.stringify(manifest)]),
      now,
      signal: AbortSignal.timeout(60_000),
    },
  );
}

/** The refusals' lines. */
export async function refused(manifest: unknown, asked: Partial<Request> = {}): Promise<string[]> {
  return (await judge(manifest, asked)).refusals.map(lineOf);
}
