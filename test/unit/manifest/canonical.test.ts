import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { Secret } from "../../../src/environment/secret.ts";
import { canonical, digest } from "../../../src/manifest/canonical.ts";

test("keys are sorted at every depth, and lists keep their order", () => {
  expect(canonical({ b: [{ z: 1, a: null }, 2], a: { y: true, B: "x" } })).toBe(
    '{"a":{"B":"x","y":true},"b":[{"a":null,"z":1},2]}',
  );
});

test("keys are sorted by UTF-16 code units and numbers written as RFC 8785 shows", () => {
  expect(canonical({ "\u20ac": 1e30, "\r": 4.5, "1": 0.002, "\u{1f600}": 1e-27, "\ufb33": -0 })).toBe(
    '{"\\r":4.5,"1":0.002,"€":1e+30,"😀":1e-27,"\ufb33":0}',
  );
});

test("a key without a value is no key", () => {
  expect(digest({ a: 1, b: undefined })).toBe(digest({ a: 1 }));
});

test("a secret is digested as its placeholder, so that digests give nothing away", () => {
  expect(canonical({ token: new Secret("hunter2") })).toBe('{"token":"[secret]"}');
});

test("the digest is the SHA-256 that other tools compute over the same bytes", () => {
  const script = "process.stdin.pipe(crypto.createHash('sha256').setEncoding('hex')).pipe(process.stdout)";
  const other = execFileSync(process.execPath, ["-e", script], { input: '{"a":"ü"}' });
  expect(digest({ a: "ü" })).toBe(other.toString());
});

test("an object without a prototype is plain, and so is one whose toJSON is only a value", () => {
  expect(canonical(Object.assign(Object.create(null), { a: 1 }))).toBe('{"a":1}');
  expect(canonical({ toJSON: 1 })).toBe('{"toJSON":1}');
});

test("a value that is used twice is no cycle", () => {
  const shared = { a: 1 };
  expect(canonical([shared, shared])).toBe('[{"a":1},{"a":1}]');
});

const cycle: unknown[] = [];
cycle.push({ cycle });

test.each([
  ["undefined", undefined, "undefined undefined"],
  ["a hole in a list", [1, undefined, 2], "undefined undefined"],
  ["NaN", { a: Number.NaN }, "number NaN"],
  ["infinity", Number.POSITIVE_INFINITY, "number Infinity"],
  ["a bigint", 1n, "bigint 1"],
  ["a function", () => 1, "function () => 1"],
  ["a Map, whose members would be lost", new Map([["a", 1]]), "a class instance"],
  ["half a surrogate pair", "\ud800", "text with half a surrogate pair"],
  ["a cycle", cycle, "a cycle"],
])("%s has no canonical JSON", (_name, value, what) => {
  expect(() => canonical(value)).toThrow(new TypeError(`no canonical JSON for ${what}`));
});
