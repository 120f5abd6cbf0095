import { describe, expect, it } from "vitest";
import { holdOn, isHeld } from "../../../src/certification/held.ts";
import { held, ledgerWith, noBackend, noStack, withEngine } from "../../support/engine.ts";

const quiet = { progress: () => undefined, debug: () => undefined };

describe("a repair", () => {
  const hold = (script: string) => withEngine(script, (asking) => holdOn("lab", { ...asking, ...quiet }));

  it("may begin where no release run holds the environment still", async () => {
    expect(await hold(ledgerWith({ freeze: null }))).toBeUndefined();
    expect(await hold(noStack)).toBeUndefined();
  });

  it("may not begin under freeze: people are told the run and its end, evidence only that there is one", async () => {
    const found = await hold(ledgerWith({ freeze: held }));
    expect(found?.problem.message).toMatch(
      /^repair of lab: .* a freeze by qual-1 .* until 2999-11-22T18:00:00Z/,
    );
    expect(found?.reason).toBe("not repaired: a release run holds the environment still");
  });

  it("may not begin where nobody can tell", async () => {
    const found = await hold(noBackend);
    expect(found?.problem.message).toMatch(
      /^repair of lab: expected an answer whether a release run holds lab/,
    );
  });

  it.each([
    ["teardown", /^teardown of lab: /],
    ["repair", /^repair of lab: /],
  ] as const)("or a teardown is told as what it is: %s", async (intent, subject) => {
    const found = await withEngine(ledgerWith({ freeze: held }), (asking) =>
      holdOn("lab", { ...asking, ...quiet }, intent),
    );
    expect(found?.problem.message).toMatch(subject);
  });

  it("gives evidence no more than that nobody can tell, and the debug log why", async () => {
    const debugged: string[] = [];
    const debug = (line: string) => void debugged.push(line);
    const found = await withEngine(noBackend, (asking) => holdOn("lab", { ...asking, ...quiet, debug }));
    expect(found?.reason).toBe(
      "not repaired: it can not be told whether a release run holds the environment still",
    );
    expect(debugged).toEqual([expect.stringContaining("refused")]);
  });

  it("has its next round put off under freeze, and a person is told why", async () => {
    const told: string[] = [];
    const progress = (event: object) => void told.push("text" in event ? String(event.text) : "");
    const round = (script: string) =>
      withEngine(script, (asking) => isHeld({ stack: "lab-pve" }, { ...asking, ...quiet, progress }));
    expect(await round(noStack)).toBe(false);
    expect(told).toEqual([]);
    expect(await round(ledgerWith({ freeze: held }))).toBe(true);
    expect(told).toEqual([expect.stringMatching(/^repair of lab: .* a freeze by qual-1 /)]);
  });

  it("may not begin where the ledger's checkpoint is damaged, which is no question of who is logged in", async () => {
    const found = await hold(
      'echo "error: failed to load checkpoint: unexpected end of JSON input" >&2; exit 1',
    );
    expect(found?.problem.message).toMatch(
      /the checkpoint of lab-ledger is damaged; TROUBLESHOOTING.md says how/,
    );
  });

  it("that was cancelled is not also held up", async () => {
    const signal = AbortSignal.abort();
    const asked = withEngine(noBackend, (asking) => holdOn("lab", { ...asking, ...quiet, signal }));
    expect(await asked).toBeUndefined();
  });
});
