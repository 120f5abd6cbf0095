import { describe, expect, it } from "vitest";
import { readInstance } from "../../../src/probes/readers/identity.ts";

const reading = (stdout: string, exit = 0) => ({ exit, stdout, stderr: "", truncated: false });

describe("an instance-id", () => {
  it("is what the guest says, without the line's end", () => {
    expect(readInstance(reading("3fa0-leaf1.1:2_x\n"))).toBe("3fa0-leaf1.1:2_x");
  });

  it("is none where the guest has none", () => {
    expect(readInstance(reading("", 1))).toBeUndefined();
  });

  it.each(["\u001b[31mowned", "\u0000\u0001", "", "two words", "a\nb", "x".repeat(129)])(
    "of %j is not understood, and nothing is judged by it",
    (text) => {
      expect(() => readInstance(reading(text))).toThrow(/could not be understood/);
    },
  );
});
