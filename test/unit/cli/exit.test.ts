import { expect, test } from "vitest";
import { exitCode, exitMeanings } from "../../../src/cli/exit.ts";
import { manifest } from "../../../src/manifest/model.ts";

test.each([
  ["pass", 0],
  ["fail", 1],
  ["expired", 1],
  ["blocked", 3],
] as const)("%s exits %i", (status, code) => {
  expect(exitCode(status)).toBe(code);
});

test("only a pass exits 0, and every exit code is explained", () => {
  const statuses = manifest.shape.status.options;
  expect(statuses.filter((status) => exitCode(status) === 0)).toEqual(["pass"]);
  const explained = exitMeanings.map(([code]) => code);
  expect(explained).toEqual(expect.arrayContaining(statuses.map(exitCode)));
});
