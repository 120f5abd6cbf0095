import { describe, expect, it } from "vitest";
import { KnownKeys } from "../../../src/certification/hostkeys.ts";
import { Unreadable } from "../../../src/check/unreadable.ts";
import { named } from "../../support/checks.ts";

const leaf1 = named("leaf1");
const machine = {
  urn: "urn:1",
  name: "leaf1",
  created: "2026-11-22T16:00:00Z",
  kept: false,
  id: "100",
  adopted: false,
  substance: 1,
};
const another = { ...machine, created: "2026-11-22T17:00:00Z" };

/** As a certified repair would have recorded it. */
const recorded = (() => {
  const { keys, noted } = new KnownKeys({}, true).during([machine]);
  keys.note(leaf1, "SHA256:one");
  return noted();
})();

describe("a recorded host key", () => {
  it("is what is expected of the machine that it was recorded of", () => {
    expect(new KnownKeys(recorded, false).during([machine]).keys.recorded(leaf1)).toBe("SHA256:one");
    expect(new KnownKeys(recorded, true).during([machine]).keys.recorded(leaf1)).toBe("SHA256:one");
  });

  it("says nothing about a machine that was made anew: looking is blocked, a repair learns", () => {
    expect(() => new KnownKeys(recorded, false).during([another]).keys.recorded(leaf1)).toThrow(
      expect.objectContaining({ reason: "no-record" }),
    );
    expect(new KnownKeys(recorded, true).during([another]).keys.recorded(leaf1)).toBeUndefined();
  });

  it("is news where the ledger has none, another one, or one of another machine", () => {
    const known = new KnownKeys(recorded, true);
    expect(known.news(recorded)).toEqual({});
    const [key] = Object.values(recorded);
    const other = { leaf1: { fingerprint: "SHA256:two", machine: key?.machine ?? "" } };
    expect(known.news(other)).toEqual(other);
    const moved = { leaf1: { fingerprint: "SHA256:one", machine: "another" } };
    expect(known.news(moved)).toEqual(moved);
  });

  it("is forgotten where a repair made another instance, but not where a wrong key had been shown", () => {
    const known = new KnownKeys(recorded, true);
    known.forget(leaf1, [{ impostor: true }, {}]);
    expect(known.during([machine]).keys.recorded(leaf1)).toBe("SHA256:one");
    known.forget(leaf1, [{}]);
    expect(known.during([machine]).keys.recorded(leaf1)).toBeUndefined();
  });
});

it("nothing is known, learned or recorded while the ledger can not be read", () => {
  const unread = new Unreadable("engine", "no backend");
  const known = new KnownKeys(unread, true);
  expect(() => known.during([machine]).keys.recorded(leaf1)).toThrow(unread);
  expect(known.news(recorded)).toEqual({});
});
