import { describe, expect, it } from "vitest";
import { Problem } from "../../../src/environment/problem.ts";
import { withProperty } from "../../../src/lab/property.ts";

const inputs = { name: "leaf1", agent: { enabled: true }, networkDevices: [{ vlanId: 99 }, { vlanId: 110 }] };

describe("a changed property", () => {
  it.each([
    ["name", "x", { ...inputs, name: "x" }],
    ["agent.enabled", false, { ...inputs, agent: { enabled: false } }],
    ["networkDevices[1].vlanId", 7, { ...inputs, networkDevices: [{ vlanId: 99 }, { vlanId: 7 }] }],
    ["networkDevices[0]", null, { ...inputs, networkDevices: [null, { vlanId: 110 }] }],
    ["agent.type", "isa", { ...inputs, agent: { enabled: true, type: "isa" } }],
  ])("at %s is the only one", (path, value, expected) => {
    const before = structuredClone(inputs);
    expect(withProperty(inputs, path, value)).toEqual(expected);
    expect(inputs).toEqual(before);
  });

  it.each(["", "nothing.here", "name.first", "networkDevices[9].vlanId", "constructor.prototype.x"])(
    "at %j is a problem",
    (path) => {
      expect(() => withProperty(inputs, path, 1)).toThrow(Problem);
    },
  );
});
