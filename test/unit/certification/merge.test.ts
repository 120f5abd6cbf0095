import { describe, expect, it } from "vitest";
import { merge, mergedOrOwn, refuseUnlike } from "../../../src/certification/merge.ts";
import { Problem } from "../../../src/environment/problem.ts";
import { type Manifest, manifest } from "../../../src/manifest/model.ts";

const issued = "2026-11-22T12:00:00.000Z";

function manifestWith(provider: Manifest["providers"][number], parts: Partial<Manifest> = {}): Manifest {
  return manifest.parse({
    schemaVersion: "release-environment-certification/v1",
    manifestId: `envcert-${provider}`,
    environment: "lab",
    topology: "sam-full",
    status: "pass",
    issuedAt: issued,
    expiresAt: "2026-11-23T12:00:00.000Z",
    providers: [provider],
    certifiers: [
      {
        name: provider === "pve" ? "certify-pve-substrate.sh" : "certify-cloud-substrate.sh",
        result: "pass",
      },
    ],
    checks: [
      {
        name: `${provider}.drift`,
        component: provider === "pve" ? "pve" : "cloud",
        result: "pass",
        checkedAt: issued,
      },
    ],
    repairs: [],
    toolVersions: { node: "24.9.0", [`declared/${provider}`]: provider },
    qualificationPolicy: { noRepairDuringQualification: true, defaultValidityHours: 24 },
    ...parts,
  });
}

const own = manifestWith("pve");
const other = (parts: Partial<Manifest> = {}) => ({
  origin: "--cloud-certification cloud.json",
  manifest: manifestWith("aws", parts),
});
const repair = {
  component: "cloud",
  provider: "aws",
  target: "vpc",
  action: "created",
  result: "pass",
  verifiedBy: "aws.network",
} as const;

describe("two manifests of one environment", () => {
  it("become one with everything of both", () => {
    const merged = merge(own, other({ repairs: [repair] }));
    expect(merged).toMatchObject({ manifestId: "envcert-pve", issuedAt: issued, status: "pass" });
    expect(merged.providers).toEqual(["pve", "aws"]);
    expect(merged.certifiers.map(({ name }) => name)).toEqual([
      "certify-pve-substrate.sh",
      "certify-cloud-substrate.sh",
    ]);
    expect(merged.checks.map(({ name }) => name)).toEqual(["pve.drift", "aws.drift"]);
    expect(merged.repairs).toEqual([repair]);
    expect(merged.toolVersions).toEqual({ node: "24.9.0", "declared/pve": "pve", "declared/aws": "aws" });
  });

  it.each([
    ["pass", "pass", "pass"],
    ["pass", "fail", "fail"],
    ["pass", "blocked", "blocked"],
    ["fail", "blocked", "fail"],
    ["blocked", "fail", "fail"],
    ["blocked", "pass", "blocked"],
  ] as const)("of which one is %s and the other %s are %s", (mine, theirs, both) => {
    expect(merge({ ...own, status: mine }, other({ status: theirs })).status).toBe(both);
  });

  it.each([
    ["2026-11-22T13:00:00Z", "2026-11-22T13:00:00Z"],
    ["2026-11-24T00:00:00Z", own.expiresAt],
    ["2026-11-23T13:00:00+01:00", own.expiresAt],
    // One instant later than ours in its own zone, an hour earlier in truth.
    ["2026-11-23T13:00:00+02:00", "2026-11-23T13:00:00+02:00"],
  ])("of which the other ends at %s end at %s", (expiresAt, earlier) => {
    expect(merge(own, other({ expiresAt })).expiresAt).toBe(earlier);
  });

  it.each([
    [
      { environment: "other" },
      /^--cloud-certification cloud.json: expected environment lab, got other — certify again for the same environment and topology, with the same tools, and name that manifest$/,
    ],
    [{ topology: "other" }, /expected topology sam-full, got other/],
    [{ providers: ["aws" as const, "pve" as const] }, /expected other providers than pve, got pve/],
    [{ expiresAt: issued }, /expected a certification that is still valid/],
    [
      { status: "expired" as const },
      /expected a certification that is still valid, got one that expired at 2026-11-23T12:00:00.000Z/,
    ],
    [
      { providers: ["aws" as const, "pve" as const, "oci" as const] },
      /expected other providers than pve, got pve —/,
    ],
    [{ routerdCommit: "7654321" }, /expected routerdCommit 89abcde, got 7654321/],
    [{ toolVersions: { node: "22.0.0" } }, /expected the same node, got another/],
    [{ labsCommit: "7654321" }, /expected labsCommit 0123abc, got 7654321/],
  ])("are refused where the other has %j", (parts, message) => {
    const mine = { ...own, labsCommit: "0123abc", routerdCommit: "89abcde" };
    expect(() => merge(mine, other(parts))).toThrow(Problem);
    expect(() => merge(mine, other(parts))).toThrow(message);
    const asked = { ...mine, versions: mine.toolVersions ?? {} };
    expect(() => refuseUnlike(other(parts), asked, new Date(issued))).toThrow(message);
  });

  it.each([
    [undefined, "0123abc..4567def"],
    ["0123abc..4567def", undefined],
    ["0123abc..4567def", "89abcde..4567def"],
  ])(
    "of one head are refused where one is for %s and the other for %s: a range is more than its head",
    (mine, theirs) => {
      const bound = (range: string | undefined) => ({
        routerdCommit: "4567def",
        toolVersions: { node: "24.9.0", ...(range !== undefined && { "routerd/range": range }) },
      });
      const joining = () => merge(manifestWith("pve", bound(mine)), other(bound(theirs)));
      expect(joining).toThrow(
        /expected (routerd\/range (none|0123abc..4567def)|the same routerd\/range), got/,
      );
    },
  );

  it("of which the other has expired meanwhile are the own one alone, and why", () => {
    const { manifest: alone, unjoined } = mergedOrOwn(own, other({ expiresAt: issued }));
    expect(alone).toBe(own);
    expect(unjoined?.message).toMatch(/expected a certification that is still valid/);
    expect(mergedOrOwn(own, other()).manifest.providers).toEqual(["pve", "aws"]);
    expect(mergedOrOwn(own, undefined)).toEqual({ manifest: own });
  });

  it("name every provider that both are about", () => {
    const mine = manifestWith("pve", { providers: ["pve", "oci"] });
    expect(() => merge(mine, other({ providers: ["oci", "aws", "pve"] }))).toThrow(
      /expected other providers than pve, oci, got oci, pve —/,
    );
  });

  it("are accepted until the instant at which the other expires", () => {
    const expiresAt = "2026-11-22T12:00:00.001Z";
    expect(merge(own, other({ expiresAt })).expiresAt).toBe(expiresAt);
  });

  it("may each have tools that the other has not, and no tools at all", () => {
    expect(merge(own, other({ toolVersions: { terraform: "1" } })).toolVersions).toMatchObject({
      node: "24.9.0",
      terraform: "1",
    });
    expect(merge(own, other({ toolVersions: undefined })).toolVersions).toEqual(own.toolVersions);
    const none = manifestWith("pve", { toolVersions: undefined });
    expect(merge(none, other()).toolVersions).toMatchObject({ node: "24.9.0" });
    // A name that every object has is still a tool of its own.
    expect(merge(own, other({ toolVersions: { constructor: "1" } })).toolVersions).toMatchObject({
      node: "24.9.0",
    });
  });

  it("are one where both are bound to the same commit", () => {
    const bound = { routerdCommit: "0123abc", labsCommit: "89abcde" };
    expect(merge({ ...own, ...bound }, other(bound))).toMatchObject(bound);
  });

  it("are bound to a commit where only one of them is", () => {
    expect(merge({ ...own, labsCommit: "0123abc" }, other()).labsCommit).toBe("0123abc");
  });

  it("keep what only the other is bound to", () => {
    expect(merge(own, other({ routerdCommit: "0123abc" })).routerdCommit).toBe("0123abc");
  });
});
