import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lineOf } from "../../../src/environment/problem.ts";
import { judgeChecks } from "../../../src/gate/proof.ts";
import type { Request } from "../../../src/gate/request.ts";
import type { Manifest, ManifestCheck } from "../../../src/manifest/model.ts";
import { certifiedBy, expected, judge, layOver, passing, refused } from "../../support/gate.ts";

let folder: string;
let good: Manifest;
beforeAll(async () => {
  folder = await layOver();
  good = await passing();
});
afterAll(() => rm(folder, { recursive: true }));

/** The manifest with one check changed, or left out where there is nothing to change. */
function withCheck(name: string, target: string | undefined, changes?: Partial<ManifestCheck>): Manifest {
  const isMeant = (check: ManifestCheck) => check.name === name && check.target === target;
  expect(good.checks.filter(isMeant)).toHaveLength(1);
  return {
    ...good,
    checks: good.checks.flatMap((check) =>
      isMeant(check) ? (changes === undefined ? [] : { ...check, ...changes }) : check,
    ),
  };
}

function withVersion(name: string, value?: string): Manifest {
  const { [name]: _, ...others } = good.toolVersions ?? {};
  return { ...good, toolVersions: value === undefined ? others : { ...others, [name]: value } };
}

const repair = {
  component: "pve",
  provider: "pve",
  target: "fabric-a",
  action: "set vids",
  result: "pass",
  verifiedBy: "pve.bridges.config@fabric-a, pve.drift",
} as const;

describe("the gate", () => {
  it("lets a certification through that proves everything declared, and says what it did not judge", async () => {
    expect(await judge(good)).toMatchObject({
      refusals: [],
      notes: ["no release is bound: it is certified for any", "state and ledger were not asked (--offline)"],
    });
  });

  it.each<[string, () => Manifest, RegExp]>([
    ["fails", () => ({ ...good, status: "fail" }), /^status of standard input: expected pass, got fail — /],
    ["is blocked", () => ({ ...good, status: "blocked" }), /^status of .* got blocked — /],
    [
      "has expired",
      () => ({ ...good, expiresAt: "2026-11-22T18:00:00Z" }),
      /^expiresAt of standard input: expected a time after 2026-11-22T18:00:00.000Z, got 2026-11-22T18:00:00Z — certify again$/,
    ],
    [
      "comes from more than 5 minutes ahead",
      () => ({ ...good, issuedAt: "2026-11-22T18:05:00.001Z" }),
      /^issuedAt of .* or up to 5 minutes after it, got 2026-11-22T18:05:00.001Z — set the clocks/,
    ],
    [
      "is valid for longer than its default",
      () => ({ ...good, expiresAt: "2026-11-23T17:00:01Z" }),
      /^validity of .*: expected at most 24 hours from issuedAt to expiresAt, its default, got 24.01 hours — /,
    ],
    [
      "is of another environment",
      () => ({ ...good, environment: "lab\u001b[2J\u202e" }),
      /^environment of standard input: expected lab, got "lab\\u001b\[2J\\u\{202e\}" — /,
    ],
    ["is of another topology", () => ({ ...good, topology: "small" }), /^topology of .* got small — /],
    [
      "was signed by another command",
      () => ({ ...good, certifiers: [{ name: "certify-cloud-substrate.sh", result: "pass" }] }),
      /^certifier certify-pve-substrate.sh in standard input: expected its pass, got nothing of it — /,
    ],
    [
      "has a second certifier that failed",
      () => ({
        ...good,
        certifiers: [...good.certifiers, { name: "certify-cloud-substrate.sh", result: "fail" }],
      }),
      /^certifier certify-cloud-substrate.sh in .* got fail — /,
    ],
    [
      "lacks a check of a target",
      () => withCheck("pve.l3", "client2"),
      /^check pve.l3 \(reachability\) of pve in standard input: expected a pass, got no result for client2 — /,
    ],
    [
      "lacks the drift",
      () => withCheck("pve.drift", undefined),
      /^check pve.drift \(state\) .* got no result — /,
    ],
    [
      "has skipped a check",
      () => withCheck("pve.tls", undefined, { result: "skipped" }),
      /^check pve.tls \(api\) .* got skipped — /,
    ],
    [
      "has a check that failed",
      () => withCheck("g.ssh", "leaf1", { result: "fail" }),
      /^check g.ssh \(boot\) .* got fail for leaf1 — /,
    ],
    [
      "claims one provider's check for another",
      () => withCheck("g.ssh", "leaf1", { provider: "aws" }),
      /^check g.ssh \(boot\) .* got no result for leaf1 — /,
    ],
    [
      "says two things of one check",
      () => ({
        ...good,
        checks: [...good.checks, ...withCheck("pve.api", undefined, { result: "fail" }).checks],
      }),
      /^check pve.api \(api\) .* got fail — /,
    ],
    [
      "holds a failure that nobody planned",
      () => ({
        ...good,
        checks: good.checks
          .concat({ ...repair, name: "x\n.y", result: "fail", checkedAt: good.issuedAt })
          .map(({ name, component, provider, target, result, checkedAt }) => ({
            ...{ name, component, result, checkedAt },
            ...(provider && { provider }),
            ...(target && { target }),
          })),
      }),
      /^other checks in standard input: expected none but passes, got "x\\n.y@fabric-a" fail — /,
    ],
    [
      "holds a repair that did not succeed",
      () => ({ ...good, repairs: [{ ...repair, result: "blocked" }] }),
      /^repair of fabric-a in standard input: .* got blocked — /,
    ],
    [
      "holds a repair that an absent check verifies",
      () => ({ ...good, repairs: [{ ...repair, verifiedBy: "pve.drift, pve.bridges.config@fabric-z" }] }),
      /^repair of fabric-a .* got no pass of pve.bridges.config@fabric-z — /,
    ],
    [
      "was made by another engine",
      () => withVersion("pulumi", "3.1.0"),
      /^pulumi of standard input: expected 3\.\d+\.\d+, got 3.1.0 — certify again with the tools of this machine/,
    ],
    [
      "was made by another revision",
      () => withVersion("source", "c".repeat(64)),
      /^source of standard input: expected [0-9a-f]{12}, got c{12} — certify again with this revision/,
    ],
    [
      "does not say which provider package made it",
      () => withVersion("@muhlba91/pulumi-proxmoxve"),
      /^@muhlba91\/pulumi-proxmoxve of .* got nothing — /,
    ],
    [
      "is of another declaration",
      () => withVersion("declared/pve", "c".repeat(64)),
      /^declared\/pve of standard input: expected [0-9a-f]{12}, got c{12} — certify again: the stack config/,
    ],
    [
      "used a tool that is not used here",
      () => withVersion("terraform", "1.0"),
      /^terraform of standard input: expected nothing, for it is not used here, got 1.0 — /,
    ],
    [
      "has no state digest",
      () => withVersion("state/pve"),
      /^state\/pve of .* expected a digest, got nothing — /,
    ],
    ["has no digest of what was observed", () => withVersion("observed/pve"), /^observed\/pve of /],
  ])("refuses one that %s, and for that alone", async (_name, manifest, line) => {
    expect(await refused(manifest())).toEqual([expect.stringMatching(line)]);
  });

  it.each<[string, Partial<Request>, RegExp[]]>([
    [
      "is older than asked for",
      { maxAge: 3_599_999 },
      [/^age of .*: expected at most 60 m 00 s, .* got 1 hours — /],
    ],
    [
      "is about fewer providers",
      { providers: ["pve", "oci"] },
      [
        /^providers of standard input: expected exactly oci, pve, got pve — /,
        /^stacks\/Pulumi\.lab-oci\.yaml oci:hostKeys: /,
      ],
    ],
    [
      "is of an environment that this machine does not know",
      { environment: "elsewhere" },
      [
        /^environment of standard input: expected elsewhere, got lab — /,
        /^environment of elsewhere-pve: expected stacks\/Pulumi\.elsewhere-pve\.yaml — /,
      ],
    ],
  ])("refuses one that %s", async (_name, asked, lines) => {
    expect(await refused(good, asked)).toEqual(lines.map((line) => expect.stringMatching(line)));
  });

  it("takes one that is exactly as old as it may be, and clocks that are 5 minutes apart", async () => {
    expect(await refused(good, { maxAge: 3_600_000 })).toEqual([]);
    expect(await refused({ ...good, issuedAt: "2026-11-22T18:05:00Z" })).toEqual([]);
  });

  it("refuses a group that the stack config asks nothing of, for nothing passes by absence", async () => {
    const expectation = await expected();
    const groups = { ...expectation.groups, metadata: ["x.metadata"] as const };
    expect(judgeChecks(certifiedBy(good), { ...expectation, groups }).map(lineOf)).toEqual([
      expect.stringMatching(
        /^check group metadata of pve: expected at least one check .* got none — declare /,
      ),
    ]);
  });

  it("judges one that is about two providers for each of them", async () => {
    const checks = withCheck("pve.drift", undefined).checks;
    const lines = await refused(
      { ...good, checks, providers: ["pve", "oci"] },
      { providers: ["pve", "oci"] },
    );
    expect(lines).toEqual([
      expect.stringMatching(/^check pve.drift \(state\) of pve in standard input: .* got no result — /),
      expect.stringMatching(/^stacks\/Pulumi\.lab-oci\.yaml oci:hostKeys: /),
    ]);
  });

  it("takes a repair whose verifying checks passed", async () => {
    expect(await refused({ ...good, repairs: [repair] })).toEqual([]);
  });

  it("lists all that is in the way at once, one line for one thing, however many targets it has", async () => {
    const checks = good.checks.filter(({ name }) => name !== "g.hostname");
    const lines = await refused({
      ...good,
      status: "fail",
      topology: "small",
      checks,
      expiresAt: good.issuedAt,
    });
    expect(lines.map((line) => line.replace(/ .*/s, ""))).toEqual([
      "status",
      "expiresAt",
      "topology",
      "check",
    ]);
    expect(lines[3]).toContain("got no result for client1, leaf1, leaf2, client2, edge1 — ");
  });

  it("notices that the stack config has changed since", async () => {
    const other = await layOver({ "pve:headroom": 7 });
    try {
      expect(await refused(good)).toEqual([expect.stringMatching(/^declared\/pve of /)]);
    } finally {
      await rm(other, { recursive: true });
      await rm(folder, { recursive: true });
      folder = await layOver();
    }
  });
});

describe("two certifications", () => {
  let files: string;
  beforeAll(async () => {
    files = await mkdtemp(join(tmpdir(), "gate-"));
  });
  afterAll(() => rm(files, { recursive: true }));

  async function judgeBoth(one: unknown, other: unknown, asked: Partial<Request> = {}): Promise<string[]> {
    const paths = [join(files, "one.json"), join(files, "other.json")];
    await Promise.all([one, other].map((each, index) => writeFile(paths[index] ?? "", JSON.stringify(each))));
    return (await refused(undefined, { certifications: paths, ...asked })).map((line) =>
      line.replaceAll(`${files}/`, ""),
    );
  }

  it("that are about the same provider are refused", async () => {
    expect(await judgeBoth(good, good)).toEqual([
      "providers of one.json and other.json: expected every provider in one of them, got pve in both — leave one of them out",
    ]);
  });

  it("are judged each by itself and together: what one of them lacks is told of that one", async () => {
    const cloud = {
      ...good,
      providers: ["oci"],
      certifiers: [{ name: "certify-cloud-substrate.sh", result: "pass" }],
      checks: [{ ...good.checks[0], component: "cloud", provider: "oci", result: "blocked" }],
      expiresAt: "2026-11-22T17:30:00Z",
    };
    expect(await judgeBoth(good, cloud, { providers: ["pve", "oci"] })).toEqual([
      expect.stringMatching(/^expiresAt of other.json: /),
      expect.stringMatching(/^other checks in other.json: .* got pve.tls blocked — /),
      expect.stringMatching(/^stacks\/Pulumi\.lab-oci\.yaml oci:hostKeys: /),
    ]);
  });

  it("of which one can not be read lack nothing else: it may have been about what is missing", async () => {
    expect(await judgeBoth(good, "?", { providers: ["pve", "oci"] })).toEqual([
      expect.stringMatching(/^manifest other.json: /),
      expect.stringMatching(/^stacks\/Pulumi\.lab-oci\.yaml oci:hostKeys: /),
    ]);
  });

  it("of which one can not be read are refused for that, and the other is still judged", async () => {
    expect(await judgeBoth({ ...good, status: "fail" }, { schemaVersion: 1 })).toEqual([
      expect.stringMatching(
        /^manifest other.json: expected a release-environment-certification\/v1 document, got /,
      ),
      expect.stringMatching(/^status of one.json: /),
    ]);
  });
});
