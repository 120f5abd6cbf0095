import { describe, expect, it } from "vitest";
import { Unreadable } from "../../../src/check/unreadable.ts";
import { outputBound } from "../../../src/probes/driver.ts";
import { decodeFrames, mostOutput } from "../../../src/probes/frames.ts";
import type { Probe } from "../../../src/probes/transport.ts";

const nonce = "0123456789abcdef";
const probes: readonly Probe[] = [
  { id: "a", argv: ["echo", "hello"], timeout: 1 },
  { id: "b", argv: ["false"], timeout: 1 },
];
const good = [
  "",
  `${nonce} begin`,
  `${nonce} b r1`,
  `${nonce} a r0`,
  `${nonce} a oaGVs`,
  `${nonce} a obG8K`,
  `${nonce} b o`,
  `${nonce} b e`,
  `${nonce} a e`,
  `${nonce} a .`,
  `${nonce} b .`,
  `${nonce} end`,
  "",
];

function decode(lines: readonly string[]) {
  return decodeFrames(lines.join("\n"), probes, nonce);
}

/** The reason for which the lines can not be read. */
function reason(lines: readonly string[]): string | undefined {
  try {
    decode(lines);
    return undefined;
  } catch (error) {
    if (error instanceof Unreadable) return error.reason;
    throw error;
  }
}

const without = (line: string) => good.filter((own) => own !== `${nonce} ${line}`);
const instead = (line: string, other: string) =>
  good.map((own) => (own === `${nonce} ${line}` ? other : own));

describe("decoding", () => {
  it("puts interleaved frames together", () => {
    expect(decode(good)).toEqual(
      new Map([
        ["a", { exit: 0, stdout: "hello\n", stderr: "", truncated: false }],
        ["b", { exit: 1, stdout: "", stderr: "", truncated: false }],
      ]),
    );
  });

  it("passes over what an rc file says first, even without a line break", () => {
    expect(decode(["Welcome!", "0 begin", ...good]).size).toBe(2);
  });

  it("calls output cut short at whatever byte truncated", () => {
    const text = good.join("\n");
    for (let length = 0; length < text.length; length++)
      expect(reason(text.slice(0, length).split("\n")), `after ${length} bytes`).toBe("truncated");
  });

  it.each(["a .", "b ."])("calls a frame without its end truncated: %s", (line) => {
    expect(reason(without(line))).toBe("truncated");
  });

  it("calls a probe without a frame truncated", () => {
    expect(reason(good.filter((line) => !line.startsWith(`${nonce} b `)))).toBe("truncated");
  });

  it.each([
    ["a frame without exit code", without("a r0")],
    ["a frame without stdout", without("b o")],
    ["a frame without stderr", without("b e")],
    [
      "a doubled frame",
      [...good.slice(0, -2), ...good.slice(2, -2).filter((line) => line.includes(" a ")), ...good.slice(-2)],
    ],
    ["a doubled exit code", instead("a r0", `${nonce} a r0\n${nonce} a r0`)],
    ["an exit code that is no number", instead("a r0", `${nonce} a rx`)],
    ["an exit code that is missing", instead("a r0", `${nonce} a r`)],
    ["an unknown probe", instead("b o", `${nonce} c o`)],
    ["an unknown part", instead("b o", `${nonce} b x`)],
    ["a foreign line", instead("b o", "hello")],
    ["a foreign nonce", instead("b o", "ffffffffffffffff b o")],
    ["a line with too much", instead("b o", `${nonce} b o x`)],
    ["a line with too little", instead("b o", `${nonce} b`)],
    ["broken base64", instead("a obG8K", `${nonce} a obG8`)],
    ["text that is no base64", instead("a obG8K", `${nonce} a ob?8K`)],
    ["text after the end", [...good.slice(0, -1), "more", ""]],
  ])("does not understand %s", (_title, lines) => {
    expect(reason(lines)).toBe("unparsable");
  });
});

it("No batch is read further than 16 MiB, and a small one no further than its probes may print", () => {
  expect(mostOutput(2)).toBeLessThan(2 * 1_048_576);
  // In base64, with a nonce before each of its lines.
  expect(mostOutput(1)).toBeGreaterThan(2 * outputBound * (4 / 3) * ((76 + 40) / 76));
  expect(mostOutput(511)).toBe(16 * 1_048_576);
});
