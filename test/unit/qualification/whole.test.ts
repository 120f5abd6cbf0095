import { describe, expect, it } from "vitest";
import { stateDigest } from "../../../src/certification/versions.ts";
import type { Result } from "../../../src/check/outcome.ts";
import { digest } from "../../../src/manifest/canonical.ts";
import { type Certified, certifyAgain, judge } from "../../../src/qualification/whole.ts";
import { answer, blank, lookOf, openWith, substrate } from "../../support/certification.ts";
import { named, nowhere } from "../../support/checks.ts";

const checkpoint = { run: undefined, substance: ["bridge"], resources: [], pendingCreates: [], bytes: "" };
const certified = { subject: { substrate }, state: stateDigest(checkpoint), observed: "seen" };

function judged(results: readonly Result[], parts: { state?: readonly string[]; observed?: string } = {}) {
  const answers = results.map((result, index) => answer("a.ok", result, `guest${index}`));
  const seen = { answers, checkpoint: { ...checkpoint, substance: parts.state ?? checkpoint.substance } };
  return judge(certified, seen, parts.observed ?? "seen").map(
    ({ name, target, result }) => `${result} ${name}${target === undefined ? "" : `@${target}`}`,
  );
}

it("is whole where every check passes on the certified state and material", () => {
  expect(judged(["pass", "pass"])).toEqual(["pass substrate.whole"]);
});

it("says of each thing what, where, when and why", () => {
  const checkedAt = expect.stringMatching(/^\d{4}-.*Z$/);
  const about = { provider: "pve", checkedAt };
  const seen = { answers: [answer("a.ok", "pass"), answer("a.ok", "pass", "leaf1")], checkpoint };
  expect(judge(certified, seen, "seen")).toEqual([
    {
      ...about,
      name: "substrate.whole",
      result: "pass",
      summary: "2 of 2 checks pass, on the certified state and material",
    },
  ]);
  const wrong = { answers: [answer("a.ok", "fail"), answer("a.ok", "blocked", "leaf1")], checkpoint };
  expect(judge({ ...certified, state: undefined }, wrong, "seen")).toEqual([
    { ...about, name: "a.ok", result: "fail", summary: "fail" },
    { ...about, name: "a.ok", target: "leaf1", result: "blocked", summary: "blocked" },
    { ...about, name: "substrate.state", result: "fail", summary: "the stack is another than certified" },
  ]);
  expect(judge(certified, seen, "other")).toEqual([
    {
      ...about,
      name: "substrate.observed",
      result: "fail",
      summary: "the material is another than certified",
    },
  ]);
});

it("names every check that does not pass, seen or unseen", () => {
  expect(judged(["pass", "fail", "blocked", "skipped"])).toEqual([
    "fail a.ok@guest1",
    "blocked a.ok@guest2",
    "skipped a.ok@guest3",
  ]);
});

it("is not whole on another state or another material, whatever its checks say", () => {
  expect(judged(["pass"], { state: ["bridge", "another"] })).toEqual(["fail substrate.state"]);
  expect(judged(["pass"], { observed: "something else" })).toEqual(["fail substrate.observed"]);
});

it("does not hold against the material what could not be seen", () => {
  expect(judged(["blocked"], { observed: "less" })).toEqual(["blocked a.ok@guest0"]);
});

it("is not whole where no check has answered", () => {
  expect(judged([])).toEqual(["blocked substrate.whole"]);
});

describe("certifying again", () => {
  const state = stateDigest(lookOf([]).checkpoint);
  /** A substrate that shows this material when it is looked at anew, certified with other or the same. */
  function certifiedAs(name: string, material: string, observed = digest(material)): Certified {
    const open = openWith(async () => ({ ...blank, observed: () => material }));
    const stale = { ...blank, observed: () => "seen when it was certified" };
    const place = { stack: `lab-${name}`, config: {}, repair: false, edge: nowhere };
    return {
      subject: { substrate: { ...substrate, name }, open, inspection: stale, ...place },
      state,
      observed,
    };
  }

  it("is whole where all substrates are, judged by what is seen anew", async () => {
    const both = [certifiedAs("pve", "a"), certifiedAs("oci", "b")];
    const looked: unknown[] = [];
    const again = await certifyAgain(both, {}, async ({ stack, inspection }) => {
      looked.push([stack, inspection.observed()]);
      return lookOf([]);
    });
    expect(looked).toEqual([
      ["lab-pve", "a"],
      ["lab-oci", "b"],
    ]);
    expect(again.whole).toBe(true);
    expect(again.checks.map(({ name, provider }) => [name, provider])).toEqual([
      ["substrate.whole", "pve"],
      ["substrate.whole", "oci"],
    ]);
  });

  it("is not whole where one of them is not", async () => {
    const both = [certifiedAs("pve", "a"), certifiedAs("oci", "b", digest("another"))];
    const { whole, checks } = await certifyAgain(both, {}, async () => lookOf([]));
    expect(whole).toBe(false);
    expect(checks.map(({ name, result }) => `${result} ${name}`)).toEqual([
      "pass substrate.whole",
      "fail substrate.observed",
    ]);
  });

  it("tells who was logged in to, each once and as it was met last", async () => {
    const met = (name: string, hostKey: string) => {
      const endpoint = { name: named(name), role: named("leaf"), host: "192.0.2.1", port: 22, user: "lab" };
      return { endpoint, hostKey };
    };
    const looking = async () => ({
      ...lookOf([]),
      met: [met("leaf1", "a"), met("leaf2", "b"), met("leaf1", "c")],
    });
    const again = await certifyAgain([certifiedAs("pve", "a")], {}, looking);
    const about = { provider: "pve", role: "leaf", host: "192.0.2.1", port: 22, user: "lab" };
    expect(again.met).toEqual([
      { ...about, name: "leaf1", hostKey: "c" },
      { ...about, name: "leaf2", hostKey: "b" },
    ]);
  });

  it("believes the host keys that are recorded of its own substrate, and learns none", async () => {
    const keys = { pve: { leaf1: { fingerprint: "SHA256:a", machine: digest([]) } } };
    const found: unknown[] = [];
    await certifyAgain(
      [certifiedAs("pve", "a"), certifiedAs("oci", "b")],
      keys,
      async ({ substrate: { name } }, known) => {
        const { recorded } = known.during([]).keys;
        if (name === "pve") found.push(recorded(named("leaf1")));
        expect(() => recorded(named(name === "pve" ? "leaf2" : "leaf1"))).toThrow(/no host key is recorded/);
        return lookOf([]);
      },
    );
    expect(found).toEqual(["SHA256:a"]);
  });
});
