import { expect, test } from "vitest";
import type { Result } from "../../../src/check/outcome.ts";
import type { Status } from "../../../src/manifest/model.ts";
import { statusAt, worst } from "../../../src/manifest/status.ts";

test.each<[Result[], string]>([
  [[], "blocked"],
  [["skipped"], "blocked"],
  [["pass"], "pass"],
  [["pass", "skipped"], "pass"],
  [["pass", "blocked", "pass"], "blocked"],
  [["blocked", "pass", "fail"], "fail"],
  [["fail"], "fail"],
])("%j come to %s", (results, verdict) => {
  expect(worst(results)).toBe(verdict);
});

const expiresAt = "2026-06-29T10:00:00+09:00";

test.each<[Status, string, Status]>([
  ["pass", "2026-06-29T00:59:59.999Z", "pass"],
  ["pass", "2026-06-29T01:00:00Z", "expired"],
  ["fail", "2026-06-30T00:00:00Z", "fail"],
  ["blocked", "2026-06-30T00:00:00Z", "blocked"],
  ["expired", "2026-06-28T00:00:00Z", "expired"],
])("a %s that expires at 01:00 UTC is, read at %s, %s", (status, now, read) => {
  expect(statusAt({ status, expiresAt }, new Date(now))).toBe(read);
});

test("a pass is expired for a clock that has no time", () => {
  expect(statusAt({ status: "pass", expiresAt }, new Date(Number.NaN))).toBe("expired");
});
