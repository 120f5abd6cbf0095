import { existsSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { describe, expect, it, test } from "vitest";
import {
  notRun,
  type QualificationResult,
  qualificationResult,
  resultSchema,
  verdict,
} from "../../../src/qualification/result.ts";

const published = new URL("../../../schemas/release-qualification-result-v1.schema.json", import.meta.url);
const upstream = new URL(
  "../../../../shared/upstream/release-qualification-result.schema.json",
  import.meta.url,
);

const at = "2026-11-22T16:01:45.000Z";
const pass: QualificationResult = {
  schemaVersion: "release-qualification-result/v1",
  runId: "smoke-20261122-160145-x7k2",
  certificationManifestId: "envcert-20261122T160000Z-lab-sam-full",
  release: "v1.2.3",
  status: "pass",
  classification: "none",
  startedAt: at,
  finishedAt: at,
  driverExit: 0,
  cleanupExit: 0,
  inventoryExit: 0,
  watchdogPid: 4711,
  watchdogAbort: null,
  checks: [{ name: "routerd.service", provider: "pve", target: "leaf1", result: "pass", checkedAt: at }],
};
const aborted = { reason: "ttl-expired", runId: pass.runId, triggeredAt: at };
const refused = { driverExit: -1, cleanupExit: -1, inventoryExit: -1, watchdogPid: null };
const fail = { ...pass, status: "fail" };

const good: readonly (readonly [string, unknown])[] = [
  ["a pass", pass],
  ["a product failure", { ...fail, classification: "product_failure", driverExit: 1 }],
  ["a refused run", { ...fail, ...refused, classification: "preflight_failure" }],
  ["an aborted run", { ...fail, classification: "infra_failure", watchdogAbort: aborted, driverExit: 143 }],
];
const bad: readonly (readonly [string, unknown])[] = [
  ["an unknown key", { ...pass, verdict: "pass" }],
  ["an unknown class", { ...fail, classification: "both" }],
  ["a process that can not be", { ...pass, watchdogPid: 0 }],
  ["no checks", { ...pass, checks: undefined }],
  ["another version", { ...pass, schemaVersion: "release-qualification-result/v2" }],
  ["an empty release", { ...pass, release: "" }],
];

test("the published schema is what the model generates; `npm run schemas` rewrites it", () => {
  expect(readFileSync(published, "utf8")).toBe(`${JSON.stringify(resultSchema(), undefined, 2)}\n`);
});

describe("the model and the published schema", () => {
  const validate = validatorOf(published);

  it.each(good)("accept %s", (_, value) => {
    expect(qualificationResult.parse(value)).toEqual(value);
    expect(validate(value)).toBe(true);
  });

  it.each(bad)("refuse %s", (_, value) => {
    expect(qualificationResult.safeParse(value).success).toBe(false);
    expect(validate(value)).toBe(false);
  });
});

test("a pass with a class of failure and a failure without one are refused", () => {
  const classed = { ...pass, classification: "product_failure" };
  for (const value of [classed, fail])
    expect(qualificationResult.safeParse(value).error?.issues).toMatchObject([
      { path: ["classification"], message: "none for a pass, and only for that" },
    ]);
});

test("what was never started has an exit code that no process can have", () => {
  expect(notRun).toBe(-1);
});

test("a verdict is a class with its checks, and nothing else", () => {
  const { classification, checks } = pass;
  expect(verdict.parse({ classification, checks })).toEqual({ classification, checks });
  for (const value of [{ classification }, { checks }, pass])
    expect(verdict.safeParse(value).success).toBe(false);
});

describe.skipIf(!existsSync(upstream))("the consumers' schema (skipped where ../shared is absent)", () => {
  it.each(good)("accepts %s as we write it", (_, value) => {
    expect(validatorOf(upstream)(value)).toBe(true);
  });

  it("carries the same identifier and title, and asks for the same keys", () => {
    const { $id, title, $schema, required } = resultSchema();
    expect(JSON.parse(readFileSync(upstream, "utf8"))).toMatchObject({ $id, title, $schema, required });
  });
});

function validatorOf(url: URL): (value: unknown) => boolean {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
  formats.default(ajv);
  const validate = ajv.compile(JSON.parse(readFileSync(url, "utf8")));
  return (value) => validate(value) === true;
}
