import { describe, expect, it } from "vitest";
import { freezeOf, heldBy, inForce } from "../../src/freeze.ts";
import { held, ledgerWith, noBackend, noStack, withEngine } from "../support/engine.ts";

describe("a freeze", () => {
  it("holds until its end and not at it, whatever the zone it is written in", () => {
    const entry = { ...held, until: "2026-11-22T19:00:00+01:00" };
    expect(inForce(entry, new Date("2026-11-22T17:59:59.999Z"))).toBe(entry);
    expect(inForce(entry, new Date("2026-11-22T18:00:00Z"))).toBeUndefined();
  });

  it("is told by its run and its end", () => {
    expect(heldBy(held, "lab", "update of lab-pve").message).toBe(
      "update of lab-pve: expected no release run in lab, got a freeze by qual-1 for release v1.2.3 " +
        "until 2999-11-22T18:00:00Z — wait for its end; nothing may change until then",
    );
  });

  it("shows no control characters that somebody put into the ledger", () => {
    const { message } = heldBy({ ...held, runId: "a\u001b[31m\nb" }, "lab", "update");
    expect(message).toContain(String.raw`a freeze by "a\u001b[31m\nb" for`);
  });
});

describe("whether a freeze is in force", () => {
  const asked = (script: string) => withEngine(script, (asking) => freezeOf("lab", asking));

  it("is read from the outputs of the environment's ledger", async () => {
    expect(await asked(ledgerWith({ freeze: held, hostKeys: {} }))).toEqual(held);
  });

  it.each([
    ["there is no ledger", noStack],
    ["the ledger never had one", ledgerWith({})],
    ["it was released", ledgerWith({ freeze: null })],
    ["it is past its end", ledgerWith({ freeze: { ...held, until: held.since } })],
  ])("is denied where %s", async (_name, script) => {
    expect(await asked(script)).toBeUndefined();
  });

  it.each([
    ["the backend does not answer", noBackend, "engine"],
    ["the engine can not be run", "exec /nowhere/at/all", "engine"],
    ["the answer is no JSON", "echo '{'", "unparsable"],
    ["the entry is something else", ledgerWith({ freeze: { runId: "qual-1" } }), "unparsable"],
    ["its end is no instant", ledgerWith({ freeze: { ...held, until: "tomorrow" } }), "unparsable"],
  ])("is not known where %s", async (_name, script, reason) => {
    await expect(asked(script)).rejects.toThrow(expect.objectContaining({ name: "Unreadable", reason }));
  });
});
