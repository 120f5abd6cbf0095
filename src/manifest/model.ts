// The manifest, closed and exactly as its consumers know it: release-environment-certification/v1.
import { z } from "zod";
import type { Result } from "../check/outcome.ts";
import { instant } from "./instant.ts";

/** The manifest's closed list of providers. */
export const provider = z.enum(["pve", "aws", "azure", "oci"]);

/** The kinds of substrate that checks and repairs belong to. */
const component = z.enum(["pve", "cloud", "cross-substrate", "tooling"]);

/** The contract's commands that may sign a manifest. */
const certifier = z.enum(["certify-pve-substrate.sh", "certify-cloud-substrate.sh"]);

const someText = z.string().min(1);
const commit = z.string().regex(/^[0-9a-f]{7,40}$/, "expected 7 to 40 lower case hexadecimal digits");
/** What a certification can come to. */
export const verdict = z.enum(["pass", "fail", "blocked"] as const satisfies Result[]);
const result = z.enum(["pass", "fail", "blocked", "skipped"] as const satisfies Result[]);

const manifestCertifier = z.strictObject({
  name: certifier,
  version: someText.optional(),
  result: verdict,
  startedAt: instant.optional(),
  finishedAt: instant.optional(),
});

const manifestCheck = z.strictObject({
  name: someText,
  component,
  provider: provider.optional(),
  target: someText.optional(),
  result,
  checkedAt: instant,
  summary: z.string().optional(),
});

const manifestRepair = z.strictObject({
  component,
  provider: provider.optional(),
  target: someText.optional(),
  action: someText,
  result: verdict,
  verifiedBy: someText,
  repairedAt: instant.optional(),
});

const qualificationPolicy = z.strictObject({
  noRepairDuringQualification: z.literal(true).optional(),
  defaultValidityHours: z.int().min(1).max(168).optional(),
});

/** The manifest. Parsing keeps every value as it is and puts keys into this order. */
export const manifest = z
  .strictObject({
    schemaVersion: z.literal("release-environment-certification/v1"),
    manifestId: someText.regex(/^[A-Za-z0-9._:-]+$/, "expected letters, digits and . _ : -"),
    environment: someText,
    topology: someText,
    status: z.enum(["pass", "fail", "blocked", "expired"]),
    issuedAt: instant,
    expiresAt: instant,
    routerdCommit: commit.optional(),
    labsCommit: commit.optional(),
    providers: z
      .array(provider)
      .min(1)
      .refine(isUnique, "expected every provider once")
      .meta({ uniqueItems: true }),
    certifiers: z.array(manifestCertifier).min(1),
    checks: z.array(manifestCheck).min(1),
    repairs: z.array(manifestRepair),
    toolVersions: z.record(z.string(), z.string()).optional(),
    qualificationPolicy: qualificationPolicy.optional(),
    notes: z.string().optional(),
  })
  .meta({
    title: "routerd release environment certification manifest",
    description: "Evidence that the PVE/cloud substrate was certified before routerd release qualification.",
  });

/** A parsed manifest. */
export type Manifest = z.infer<typeof manifest>;

/** One check's answer as evidence. */
export type ManifestCheck = z.infer<typeof manifestCheck>;

/** One repair as evidence; `verifiedBy` names the checks that passed after it. */
export type ManifestRepair = z.infer<typeof manifestRepair>;

/** What a manifest says of its environment; `expired` is a pass that was read too late. */
export type Status = Manifest["status"];

/** What a certification can come to. */
export type Verdict = z.infer<typeof verdict>;

function isUnique(items: readonly string[]): boolean {
  return new Set(items).size === items.length;
}
