import { describe, expect, it } from "vitest";
import { type Evidence, manifestOf } from "../../../src/certification/evidence.ts";
import { attempted, recordRepairs } from "../../../src/certification/repair.ts";
import type { Result } from "../../../src/check/outcome.ts";
import { manifest as model } from "../../../src/manifest/model.ts";
import { answer, applied, at, change, substrate, verifiers } from "../../support/certification.ts";

const request = {
  environment: "lab",
  topology: "sam-full",
  certifier: "certify-pve-substrate.sh",
  substrates: [substrate],
  repair: true,
  validFor: 3_600_000,
};
const circumstances = { startedAt: at, finishedAt: at, tools: { node: "24", source: "0123456789abcdef" } };

function certify(results: readonly Result[], parts: Partial<Evidence> = {}, asked = {}) {
  const answers = results.map((result, index) => answer(`a.n${index}`, result, "leaf1"));
  const found = { substrate, answers, repairs: [], versions: { "state/pve": "abc" }, ...parts };
  return manifestOf({ ...request, ...asked }, [found], circumstances);
}

describe("the manifest of a certification", () => {
  it.each<[Result[], string]>([
    [["pass", "pass"], "pass"],
    [["pass", "fail", "blocked"], "fail"],
    [["pass", "blocked"], "blocked"],
    [["pass", "skipped"], "blocked"],
    [["skipped"], "blocked"],
    [["skipped", "fail"], "fail"],
  ])("of %j is %s", (results, status) => {
    const made = certify(results);
    expect([made.status, made.certifiers[0]?.result]).toEqual([status, status]);
  });

  it("says when, where, for how long and by whom, and the policy that the contract prescribes", () => {
    const second = {
      startedAt: new Date("2026-11-22T16:00:00.500Z"),
      finishedAt: at,
      tools: { node: "24", source: "0123456789abcdef" },
    };
    const found = [{ substrate, answers: [answer("a.ok", "pass")], repairs: [], versions: {} }];
    const { checks, ...rest } = manifestOf(request, found, second);
    expect(checks).toHaveLength(1);
    expect(rest).toEqual({
      schemaVersion: "release-environment-certification/v1",
      manifestId: "envcert-20261122T160145Z-lab-sam-full",
      environment: "lab",
      topology: "sam-full",
      status: "pass",
      issuedAt: "2026-11-22T16:01:45.000Z",
      expiresAt: "2026-11-22T17:01:45.000Z",
      providers: ["pve"],
      certifiers: [
        {
          name: "certify-pve-substrate.sh",
          version: "source:0123456789ab",
          result: "pass",
          startedAt: "2026-11-22T16:00:00.500Z",
          finishedAt: "2026-11-22T16:01:45.000Z",
        },
      ],
      repairs: [],
      toolVersions: second.tools,
      qualificationPolicy: { noRepairDuringQualification: true, defaultValidityHours: 24 },
    });
  });

  it("names the source by its first twelve digits", () => {
    expect(certify(["pass"]).certifiers[0]?.version).toBe("source:0123456789ab");
  });

  it("is bound to one commit as it is asked for, before the head of a range", () => {
    const commit = { routerdCommit: "aaaaaaa", routerdRange: "0123abc..4567def" };
    expect(certify(["pass"], {}, commit).routerdCommit).toBe("aaaaaaa");
    expect(certify(["pass"])).not.toHaveProperty("routerdCommit");
    expect(certify(["pass"])).not.toHaveProperty("labsCommit");
    expect(certify(["pass"]).toolVersions).not.toHaveProperty("routerd/range");
  });

  it("names another component for what is about more than the substrate, whose provider it still is", () => {
    const { check, ...said } = answer("a.far", "pass", "leaf1");
    const across = { ...said, check: { ...check, component: "cross-substrate" as const } };
    const made = certify([], { answers: [answer("a.ok", "pass", "leaf1"), across] });
    expect(made.checks).toMatchObject([
      { name: "a.ok", component: "pve", provider: "pve" },
      { name: "a.far", component: "cross-substrate", provider: "pve" },
    ]);
  });

  it("is a valid one, with repairs and all that binds it", () => {
    const wrong = [change("leaf1", "update", "mtu"), change("leaf2", "create")];
    const attempts = attempted([], wrong, applied(wrong, "leaf1"));
    const answers = [answer("a.ok", "pass", "leaf1"), answer("pve.drift", "pass")];
    const repairs = recordRepairs({ attempts, last: { answers, changes: [], compared: true }, verifiers });
    const made = certify(
      ["pass"],
      { answers, repairs },
      { routerdRange: "0123abc..4567def", labsCommit: "89abcde" },
    );
    expect(model.parse(JSON.parse(JSON.stringify(made)))).toEqual(made);
    expect(made.repairs).toEqual([
      {
        component: "pve",
        provider: "pve",
        target: "leaf1",
        action: "set mtu",
        result: "pass",
        verifiedBy: "a.ok@leaf1, pve.drift",
        repairedAt: at.toISOString(),
      },
      expect.objectContaining({ target: "leaf2", action: "created", result: "blocked" }),
    ]);
    expect(made).toMatchObject({
      routerdCommit: "4567def",
      labsCommit: "89abcde",
      expiresAt: "2026-11-22T17:01:45.000Z",
      toolVersions: { node: "24", "state/pve": "abc", "routerd/range": "0123abc..4567def" },
    });
  });

  it("says of a check what was asked and answered, and nothing for a target that there is none of", () => {
    expect(certify(["pass"]).checks).toMatchObject([{ name: "a.n0", target: "leaf1" }]);
    const [drift] = certify([], { answers: [answer("pve.drift", "pass")] }).checks;
    expect(drift).toEqual({
      name: "pve.drift",
      component: "pve",
      provider: "pve",
      result: "pass",
      checkedAt: at.toISOString(),
      summary: "pass",
    });
    expect(drift).not.toHaveProperty("target");
  });

  it("can not be made of nothing", () => {
    expect(() => certify([])).toThrow();
  });
});
