// A manifest as the cloud's command writes it, of the lab.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/** When it expires: in an hour. */
export const soon = new Date(Date.now() + 3_600_000).toISOString();

/** Writes one, with parts of it replaced, into a folder. */
export async function cloudManifest(
  folder: string,
  parts: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const file = join(folder, "cloud.json");
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
