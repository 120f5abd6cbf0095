import { describe, expect, test } from "vitest";
import { described, violations } from "./schema.ts";

describe.skipIf(!described)("holding answers to PVE's description (skipped without ../shared/pve)", () => {
  test("a missing, a wrong and an unknown value are found, an undocumented field is not", () => {
    const version = { release: "9.0", version: "9.0.6", repoid: "0123456789abcdef", more: true };
    expect(violations("GET", "/version", version)).toEqual([]);
    expect(violations("GET", "/version", { release: "9.0", version: ["9"] })).toEqual([
      "data.repoid: is missing",
      'data.version: ["9"] is no string',
    ]);
    expect(violations("GET", "/nodes", [{ node: "pve1", status: "asleep" }])).toEqual([
      "data[0].status: asleep is not in its enum",
    ]);
  });

  test("numbers may come as text, booleans only as 0 and 1", () => {
    const bridge = { iface: "vmbr1", type: "bridge", mtu: "1500" };
    expect(violations("GET", "/nodes/pve1/network", [{ ...bridge, active: 1 }])).toEqual([]);
    expect(violations("GET", "/nodes/pve1/network", [{ ...bridge, active: true }])).toHaveLength(1);
  });
});
