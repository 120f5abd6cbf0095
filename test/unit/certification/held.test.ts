import { rm } from "node:fs/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { holdOn, isHeld, refusedManifest } from "../../../src/certification/held.ts";
import { stateDigest } from "../../../src/certification/versions.ts";
import { say } from "../../../src/check/outcome.ts";
import { Problem } from "../../../src/environment/problem.ts";
import { loadSubstrate } from "../../../src/substrates/index.ts";
import { held, ledgerWith, noBackend, noStack, withEngine } from "../../support/engine.ts";
import { expected, layOver, passing, project } from "../../support/gate.ts";

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
      /^repair of lab: expected an answer whether a release run holds lab, got none — see /,
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
    const told: object[] = [];
    const progress = (event: object) => void told.push(event);
    const round = (script: string) =>
      withEngine(script, (asking) => isHeld({ stack: "lab-pve" }, { ...asking, ...quiet, progress }));
    expect(await round(noStack)).toBe(false);
    expect(told).toEqual([]);
    expect(await round(ledgerWith({ freeze: held }))).toBe(true);
    const text = expect.stringMatching(/^repair of lab: .* a freeze by qual-1 /);
    expect(told).toEqual([{ kind: "note", text }]);
  });

  it("may not begin where the ledger's checkpoint is damaged, which is no question of who is logged in", async () => {
    const found = await hold(
      'echo "error: failed to load checkpoint: unexpected end of JSON input" >&2; exit 1',
    );
    expect(found?.problem.message).toMatch(
      /the checkpoint of lab-ledger is damaged; TROUBLESHOOTING.md says how/,
    );
  });

  it("is not said to be held up where the asking itself is defective", async () => {
    const means = {
      ...{ ...quiet, project: "/nowhere", signal: AbortSignal.timeout(60_000) },
      get engine(): string {
        throw new TypeError("defect");
      },
    };
    await expect(holdOn("lab", means)).rejects.toThrow(new TypeError("defect"));
  });

  it("that was cancelled is not also held up", async () => {
    const signal = AbortSignal.abort();
    const asked = withEngine(noBackend, (asking) => holdOn("lab", { ...asking, ...quiet, signal }));
    expect(await asked).toBeUndefined();
  });
});

describe("the manifest of a repair that was refused", () => {
  const reason = say`not repaired: a release run holds the environment still`;
  const problem = new Problem({ subject: "repair of lab", expected: "no release run", remedy: "wait" });

  async function refused(topology: string) {
    const folder = await layOver();
    onTestFinished(() => rm(folder, { recursive: true }));
    const substrates = [await loadSubstrate("pve")];
    const certifier = "certify-pve-substrate.sh";
    const request = { environment: "lab", topology, certifier, substrates, repair: true, validFor: 60_000 };
    const means = { ...quiet, engine: "/nowhere", project, signal: AbortSignal.timeout(60_000) };
    return refusedManifest(request, means, { problem, reason });
  }

  it("says of everything that would have been checked that it was not, and why, and nothing was looked at or repaired", async () => {
    const { status, providers, checks, repairs, toolVersions, certifiers } = await refused("sam-full");
    expect({ status, providers, repairs }).toEqual({ status: "blocked", providers: ["pve"], repairs: [] });
    const { planned } = await expected();
    expect(checks.map(({ name, target }) => ({ name, target }))).toEqual(
      planned.map(({ id, target }) => ({ name: id, target })),
    );
    for (const one of checks)
      expect(one).toMatchObject({ provider: "pve", result: "blocked", summary: reason });
    expect(toolVersions).toEqual({
      ...(await passing()).toolVersions,
      "state/pve": stateDigest(undefined),
      "observed/pve": expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(certifiers).toEqual([
      expect.objectContaining({ name: "certify-pve-substrate.sh", result: "blocked" }),
    ]);
  });

  it("is none for a topology that is not configured", async () => {
    await expect(refused("small")).rejects.toThrow(/^--topology: expected sam-full, /);
  });
});
