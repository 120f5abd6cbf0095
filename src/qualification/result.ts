// The result of a qualification, closed: release-qualification-result/v1.
import { z } from "zod";
import type { Result } from "../check/outcome.ts";
import { instant } from "../manifest/instant.ts";
import { provider } from "../manifest/model.ts";

const someText = z.string().min(1);

/** What a qualification can come to; a run fails for one reason. */
const classification = z.enum(["none", "preflight_failure", "product_failure", "infra_failure"]);

/** A parsed class. */
export type Classification = z.infer<typeof classification>;

const check = z.strictObject({
  name: someText,
  provider: provider.optional(),
  target: someText.optional(),
  result: z.enum(["pass", "fail", "blocked", "skipped"] as const satisfies Result[]),
  checkedAt: instant,
  summary: z.string().optional(),
});

/** One thing that was looked at. */
export type ResultCheck = z.infer<typeof check>;

const abort = z.strictObject({
  reason: z.enum(["ttl-expired", "heartbeat-stale", "parent-gone", "terminated", "watchdog-gone"]),
  runId: someText,
  triggeredAt: instant,
});

/** What the qualification itself has come to. */
export const verdict = z.strictObject({ classification, checks: z.array(check) });

/** A parsed verdict. */
export type Verdict = z.infer<typeof verdict>;

/** Why a run was ended from outside of it. */
export type Abort = z.infer<typeof abort>;

/** Stands for the exit code of what was never started, as consumers know it. */
export const notRun = -1;

/** The result. Parsing keeps every value as it is and puts keys into this order. */
export const qualificationResult = z
  .strictObject({
    schemaVersion: z.literal("release-qualification-result/v1"),
    runId: someText,
    certificationManifestId: someText,
    release: someText,
    status: z.enum(["pass", "fail"]),
    classification,
    startedAt: instant,
    finishedAt: instant,
    driverExit: z.int(),
    cleanupExit: z.int(),
    inventoryExit: z.int(),
    watchdogPid: z.int().min(1).nullable(),
    watchdogAbort: abort.nullable(),
    checks: z.array(check),
  })
  .refine(({ status, classification: kind }) => (status === "pass") === (kind === "none"), {
    path: ["classification"],
    message: "none for a pass, and only for that",
  })
  .meta({ title: "routerd release qualification result" });

/** A parsed result. */
export type QualificationResult = z.infer<typeof qualificationResult>;

/** Checks as a qualification command may report them: what else stands there is left out. */
export const reported = z.object({
  classification: classification.optional(),
  checks: z.array(z.object(check.shape)).default([]),
});

/** JSON Schema (draft 2020-12) of the result, under the identifier that its consumers use. */
export function resultSchema(): Readonly<Record<string, unknown>> {
  const { $schema, title, ...shape } = z.toJSONSchema(qualificationResult, { target: "draft-2020-12" });
  const $id = "https://routerd.net/schemas/release-qualification-result-v1.schema.json";
  return { $schema, $id, title, ...shape };
}
