// What each judge of the gate refuses, in whole: its code, for programs that read it, and its line, for people.
import { describe, expect, it } from "vitest";
import { lineOf } from "../../../src/environment/problem.ts";
import { judgeDocument } from "../../../src/gate/document.ts";
import type { Expectation } from "../../../src/gate/expectation.ts";
import { judgeChecks, judgeRepairs, judgeStrangers } from "../../../src/gate/proof.ts";
import type { Refusal } from "../../../src/gate/refusal.ts";
import { judgeCertifiers, judgePlace, judgeProviders } from "../../../src/gate/scope.ts";
import { judgeTools } from "../../../src/gate/tools.ts";
import { type Manifest, manifest as model } from "../../../src/manifest/model.ts";
import { certifiedBy } from "../../support/gate.ts";
import { leastManifest } from "../manifest/documents.ts";

/** `code: line` of each. */
const told = (refusals: readonly Refusal[]) => refusals.map((one) => `${one.code}: ${lineOf(one)}`);
const certified = (parts: Partial<Manifest>, source?: string) =>
  certifiedBy(model.parse(leastManifest(parts)), source);

describe("the document", () => {
  const now = new Date("2026-11-22T18:00:00.000Z");
  const times = { issuedAt: "2026-11-22T17:00:00.000Z", expiresAt: "2026-11-23T17:00:00.000Z" };
  const judge = (parts: Partial<Manifest>, maxAge?: number) =>
    told(judgeDocument(certified({ status: "pass", ...times, ...parts }), { now, maxAge }));

  it("is in order while it is a pass, and no longer valid than its default", () => {
    expect(judge({})).toEqual([]);
    expect(judge({}, 3_600_000)).toEqual([]);
  });

  it("is refused where it is no pass, whenever it is read", () => {
    expect(judge({ status: "blocked" })).toEqual([
      "status: status of m.json: expected pass, got blocked — see its checks, then certify with --repair",
    ]);
    expect(judge({ status: "fail", expiresAt: now.toISOString() })).toEqual([
      "status: status of m.json: expected pass, got fail — see its checks, then certify with --repair",
      "expired: expiresAt of m.json: expected a time after 2026-11-22T18:00:00.000Z, got 2026-11-22T18:00:00.000Z — certify again",
    ]);
  });

  it("is in order where two machines' clocks are five minutes apart", () => {
    expect(judge({ issuedAt: "2026-11-22T18:05:00.000Z" })).toEqual([]);
  });

  it("is refused where its times can not be", () => {
    expect(judge({ issuedAt: "2026-11-22T18:05:00.001Z" })).toEqual([
      "time: issuedAt of m.json: expected a time before 2026-11-22T18:00:00.000Z, or up to 5 minutes after it, got 2026-11-22T18:05:00.001Z — set the clocks of both machines, then certify again",
    ]);
    expect(judge({ expiresAt: "2026-11-23T17:00:00.000Z" })).toEqual([]);
    const longer = { expiresAt: "2026-11-23T17:00:00.001Z" };
    const line =
      "time: validity of m.json: expected at most 24 hours from issuedAt to expiresAt, its default, got 24.01 hours — certify again with a shorter --valid-for";
    expect(judge(longer)).toEqual([line]);
    expect(judge({ ...longer, qualificationPolicy: undefined })).toEqual([line]);
    expect(judge({ ...longer, qualificationPolicy: { defaultValidityHours: 48 } })).toEqual([]);
  });

  it("is refused where it is older than asked for, in hours that never read as if it were not", () => {
    expect(judge({}, 3_599_999)).toEqual([
      "time: age of m.json: expected at most 60 m 00 s, as --max-age says, got 1 hours — certify again",
    ]);
    expect(
      judge({ issuedAt: "2026-11-22T10:29:59.999Z", expiresAt: "2026-11-22T20:00:00.000Z" }, 5_400_000),
    ).toEqual([
      "time: age of m.json: expected at most 1.5 hours, as --max-age says, got 7.51 hours — certify again",
    ]);
  });
});

describe("what it is about", () => {
  const asked = { environment: "lab", topology: "full", providers: ["pve", "aws"] };
  const about = (providers: Manifest["providers"], source: string) => certified({ providers }, source);

  it("is the place that is asked for", () => {
    const parts = { environment: "lab", topology: "full" };
    expect(judgePlace(certified(parts), asked)).toEqual([]);
    expect(told(judgePlace(certified({ environment: "x y", topology: "small" }), asked))).toEqual([
      'environment: environment of m.json: expected lab, got "x y" — name the manifest of this environment, or the environment of this manifest',
      "topology: topology of m.json: expected full, got small — name the manifest of this topology, or the topology of this manifest",
    ]);
  });

  it("is exactly the providers that are asked for, in one manifest or in two", () => {
    expect(judgeProviders([about(["aws", "pve"], "a")], asked)).toEqual([]);
    expect(judgeProviders([about(["aws"], "a"), about(["pve"], "b")], asked)).toEqual([]);
  });

  it.each<[string, Manifest["providers"][], string[]]>([
    ["fewer", [["pve"]], ["exactly aws, pve, got pve"]],
    ["more", [["pve", "oci", "aws"]], ["exactly aws, pve, got aws, oci, pve"]],
    ["others", [["pve", "oci"]], ["exactly aws, pve, got oci, pve"]],
  ])("is refused where it is %s", (_name, lists, actual) => {
    const all = lists.map((providers) => about(providers, "a"));
    expect(told(judgeProviders(all, asked))).toEqual(
      actual.map(
        (line) =>
          `providers: providers of a: expected ${line} — certify what is missing, or ask for what is certified`,
      ),
    );
  });

  it("is refused once for each provider that is in both", () => {
    expect(told(judgeProviders([about(["pve", "aws"], "a"), about(["aws", "pve"], "b")], asked))).toEqual(
      ["aws", "pve"].map(
        (one) =>
          `providers: providers of a and b: expected every provider in one of them, got ${one} in both — leave one of them out`,
      ),
    );
  });

  it("is signed with a pass by each certifier that its providers need, and by nobody without one", () => {
    const expectations = [
      "certify-pve-substrate.sh",
      "certify-cloud-substrate.sh",
      "certify-cloud-substrate.sh",
    ].map((certifier): Expectation => ({ provider: "x", certifier, groups: {}, planned: [], versions: {} }));
    const both = {
      certifiers: (["certify-pve-substrate.sh", "certify-cloud-substrate.sh"] as const).map((name) => ({
        name,
        result: "pass" as const,
      })),
    };
    expect(judgeCertifiers(certified(both), expectations)).toEqual([]);
    const one = { certifiers: [{ name: "certify-pve-substrate.sh" as const, result: "blocked" as const }] };
    expect(told(judgeCertifiers(certified(one), expectations))).toEqual([
      "certifier: certifier certify-cloud-substrate.sh in m.json: expected its pass, got nothing of it — certify with certify-cloud-substrate.sh",
      "certifier: certifier certify-pve-substrate.sh in m.json: expected its pass, got blocked — see its checks, then certify again with certify-pve-substrate.sh",
    ]);
  });
});

describe("the proof", () => {
  const checkedAt = "2026-11-22T16:50:00Z";
  const check = (
    name: string,
    result: Manifest["checks"][number]["result"],
    target?: string,
    provider = "pve" as const,
  ) => ({
    ...{ name, component: "pve" as const, provider, result, checkedAt },
    ...(target === undefined ? {} : { target }),
  });
  const expectation = (planned: Expectation["planned"]): Expectation => ({
    ...{ provider: "pve", certifier: "certify-pve-substrate.sh", versions: {}, planned },
    groups: { api: ["pve.api"] },
  });
  const guests = Array.from({ length: 14 }, (_, index) => `guest${index}`);

  it("is a pass for everything planned", () => {
    const checks = [check("pve.api", "pass")];
    expect(judgeChecks(certified({ checks }), expectation([{ id: "pve.api" }]))).toEqual([]);
  });

  it("names what lacks a pass, by check and by what it came to, and no more targets than a line holds", () => {
    const planned = [
      { id: "pve.api" as const },
      ...guests.map((target) => ({ id: "g.ssh" as const, target })),
      { id: "g.boot" as const, target: "guest0" },
    ];
    const checks = [
      check("pve.api", "skipped"),
      check("g.boot", "pass", "guest0"),
      check("g.ssh", "fail", "guest0"),
    ];
    expect(told(judgeChecks(certified({ checks }), expectation(planned)))).toEqual([
      "check: check pve.api (api) of pve in m.json: expected a pass, got skipped — certify again, with --repair where something is wrong",
      "check: check g.ssh (no group) of pve in m.json: expected a pass, got fail for guest0 — certify again, with --repair where something is wrong",
      `check: check g.ssh (no group) of pve in m.json: expected a pass, got no result for ${guests.slice(1, 13).join(", ")} and 1 more — certify again, with --repair where something is wrong`,
    ]);
  });

  it("is of the provider's own checks alone, and no pass stands beside anything else", () => {
    const planned = expectation([{ id: "pve.api" }]);
    const others = [{ ...check("pve.api", "pass"), provider: "aws" as const }];
    expect(judgeChecks(certified({ checks: others }), planned)).toHaveLength(1);
    const both = [check("pve.api", "pass"), check("pve.api", "fail")];
    expect(told(judgeChecks(certified({ checks: both }), planned))).toEqual([
      expect.stringContaining("expected a pass, got fail —"),
    ]);
    const foreign = passed.map((one) => ({ ...one, provider: "aws" as const }));
    expect(judgeRepairs(certified({ checks: foreign, repairs: [repair] }))).toHaveLength(1);
  });

  it("names all targets where just so many fit", () => {
    const planned = [
      { id: "pve.api" as const },
      ...guests.slice(0, 12).map((target) => ({ id: "g.ssh" as const, target })),
    ];
    const lines = told(judgeChecks(certified({ checks: [check("pve.api", "pass")] }), expectation(planned)));
    expect(lines).toEqual([expect.stringContaining(`got no result for ${guests.slice(0, 12).join(", ")} —`)]);
  });

  it("is there for a group of which anything is planned, which a check without a pass is told with", () => {
    const groups = { api: ["pve.tls", "pve.api"], guests: ["g.boot", "g.ssh"] } as const;
    const planned = [{ id: "pve.api" as const }, { id: "g.ssh" as const, target: "guest0" }];
    const checks = [check("pve.api", "pass")];
    expect(told(judgeChecks(certified({ checks }), { ...expectation(planned), groups }))).toEqual([
      "check: check g.ssh (guests) of pve in m.json: expected a pass, got no result for guest0 — certify again, with --repair where something is wrong",
    ]);
  });

  it("is not there for a group of which nothing is planned", () => {
    const checks = [check("g.ssh", "pass")];
    expect(told(judgeChecks(certified({ checks }), expectation([{ id: "g.ssh" }])))).toEqual([
      "check: check group api of pve: expected at least one check that the stack config asks for, got none — declare in the stack config what the topology needs, then certify again",
    ]);
  });

  it("is spoilt by a check of nobody's that did not pass, whoever's it says it is", () => {
    const own = expectation([{ id: "pve.api" }]);
    const known = [check("pve.api", "fail"), check("x.y", "pass")];
    expect(judgeStrangers(certified({ checks: known }), [own])).toEqual([]);
    const strange = [
      ...known,
      check("x.y", "blocked", "a"),
      { ...check("pve.api", "skipped"), provider: "aws" as const },
    ];
    expect(told(judgeStrangers(certified({ checks: strange }), [own]))).toEqual([
      "check: other checks in m.json: expected none but passes, got x.y@a blocked, pve.api skipped — certify again",
    ]);
  });

  const repair = {
    component: "pve",
    provider: "pve",
    target: "a",
    action: "set x",
    result: "pass",
    verifiedBy: "pve.api, g.ssh@a",
  } as const;
  const passed = [check("pve.api", "pass"), check("g.ssh", "pass", "a")];

  it("has repairs that succeeded and whose verifying checks passed", () => {
    expect(judgeRepairs(certified({ checks: passed, repairs: [repair] }))).toEqual([]);
  });

  it.each<[string, Partial<Manifest>, string]>([
    ["did not succeed", { checks: passed, repairs: [{ ...repair, result: "fail" }] }, "got fail —"],
    [
      "is verified by what is missing",
      { checks: [check("pve.api", "pass")], repairs: [repair] },
      "got no pass of g.ssh@a —",
    ],
    [
      "is verified by what failed",
      { checks: [check("pve.api", "fail"), check("g.ssh", "pass", "a")], repairs: [repair] },
      "got no pass of pve.api —",
    ],
  ])("is spoilt by a repair that %s", (_name, parts, actual) => {
    expect(told(judgeRepairs(certified(parts)))).toEqual([
      `repair: repair of a in m.json: expected a repair that succeeded and whose verifying checks passed, ${actual} certify again; "pve.api, g.ssh@a" must pass`,
    ]);
  });

  it("tells a repair without a target by its component", () => {
    const { target: _, ...without } = { ...repair, result: "blocked" as const };
    expect(told(judgeRepairs(certified({ checks: passed, repairs: [without] })))).toEqual([
      expect.stringMatching(/^repair: repair of pve in m.json: /),
    ]);
  });
});

describe("the tools", () => {
  const digest = (digit: string) => digit.repeat(64);
  const own = { node: "24", source: digest("a"), "declared/pve": digest("b") };
  const elsewhere = { "state/pve": digest("c"), "observed/pve": digest("d"), "routerd/range": "x..y" };
  const judge = (toolVersions: Record<string, string> | undefined, here = own) =>
    told(judgeTools(certified({ providers: ["pve"], ...(toolVersions && { toolVersions }) }), here));

  it("are those of the certification; what only others can tell is not compared", () => {
    expect(judge({ ...own, ...elsewhere })).toEqual([]);
  });

  it("are refused one by one where they differ, with the way out of each", () => {
    const other = { node: "22", source: digest("e"), "declared/pve": digest("f"), terraform: "1" };
    expect(judge({ ...other, ...elsewhere })).toEqual([
      "tools: node of m.json: expected 24, got 22 — certify again with the tools of this machine, or use the certified ones",
      "tools: source of m.json: expected aaaaaaaaaaaa, got eeeeeeeeeeee — certify again with this revision, or check out the certified one",
      "declaration: declared/pve of m.json: expected bbbbbbbbbbbb, got ffffffffffff — certify again: the stack config or this project's source is another than certified",
      "tools: terraform of m.json: expected nothing, for it is not used here, got 1 — certify again with the tools of this machine, or use the certified ones",
    ]);
  });

  it("are refused where nothing was recorded", () => {
    const lines = judge(undefined);
    expect(lines).toHaveLength(5);
    expect(lines[0]).toMatch(/^tools: node of m.json: expected 24, got nothing — /);
    expect(lines.slice(3)).toEqual(
      ["state/pve", "observed/pve"].map(
        (key) =>
          `tools: ${key} of m.json: expected a digest, got nothing — certify again; without it nobody can tell what has changed since`,
      ),
    );
  });

  it.each(["x-state/pve", "x-routerd/range", "routerd/range/x"])(
    "are compared where a name only looks like one that others can tell: %s",
    (name) => {
      expect(judge({ ...own, ...elsewhere, [name]: "1" })).toEqual([
        expect.stringMatching(
          `^tools: ${name} of m.json: expected nothing, for it is not used here, got 1 — `,
        ),
      ]);
    },
  );

  it.each([`x${digest("e")}`, `${digest("e")}x`])("are shown whole where they are no digest: %s", (node) => {
    expect(judge({ ...own, ...elsewhere, node })).toEqual([
      expect.stringMatching(`^tools: node of m.json: expected 24, got ${node} — `),
    ]);
  });

  it("are compared by names of their own, not by those that every object has", () => {
    expect(judge({ ...own, ...elsewhere, constructor: "1" })).toEqual([
      expect.stringMatching(
        /^tools: constructor of m.json: expected nothing, for it is not used here, got 1 — /,
      ),
    ]);
  });
});
