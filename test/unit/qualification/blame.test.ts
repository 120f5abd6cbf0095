import { describe, expect, it } from "vitest";
import { blame } from "../../../src/qualification/blame.ts";
import type { Driven } from "../../../src/qualification/drive.ts";
import type { ResultCheck } from "../../../src/qualification/result.ts";
import type { Again } from "../../../src/qualification/whole.ts";

const checkedAt = "2026-11-22T16:01:45.000Z";
const check = (name: string, result: ResultCheck["result"], summary?: string): ResultCheck => ({
  ...{ name, result, checkedAt },
  ...(summary === undefined ? {} : { summary }),
});

const whole: Again = { whole: true, checks: [check("substrate.whole", "pass")], met: [] };
const broken: Again = {
  whole: false,
  checks: [check("pve.drift", "fail"), check("substrate.whole", "pass")],
  met: [],
};
const fine = check("routerd.service", "pass");
const wrong = check("routerd.pools", "fail", "no pool");

/** Blames with a substrate that is found so after a failure; tells also how often it was looked at. */
async function blamed(driven: Partial<Driven>, again = whole, changed: readonly ResultCheck[] = []) {
  const looks: string[] = [];
  const substrate = {
    certify: async () => {
      looks.push("certify");
      return again;
    },
    peek: async () => {
      looks.push("peek");
      return changed;
    },
  };
  const { classification, checks } = await blame({ exit: 0, checks: [], ...driven }, substrate, whole);
  const told = checks.map(({ name, result, summary }) => [result, name, summary].filter(Boolean).join(" "));
  return { classification, told, looks };
}

describe("a qualification", () => {
  it("passes where the command ended well and every check passed, and is not looked at again", async () => {
    const told = ["pass substrate.whole", "pass routerd.service"];
    expect(await blamed({ checks: [fine] })).toEqual({ classification: "none", told, looks: [] });
    const said = { classification: "none" as const, checks: [fine] };
    expect(await blamed(said)).toEqual({ classification: "none", told, looks: [] });
  });

  it.each<[string, Partial<Driven>]>([
    ["a check failed", { checks: [fine, wrong] }],
    ["the command ended with 1", { exit: 1, checks: [fine, wrong] }],
    ["the command said so", { classification: "product_failure", checks: [fine, wrong] }],
  ])("is the product's failure where %s, on a substrate that is whole", async (_name, driven) => {
    expect(await blamed(driven)).toEqual({
      classification: "product_failure",
      told: ["pass substrate.whole", "pass routerd.service", "fail routerd.pools no pool"],
      looks: ["certify", "peek"],
    });
  });

  it.each<[string, Partial<Driven>]>([
    ["its exit code", { exit: 1, checks: [fine] }],
    ["its class", { classification: "product_failure", checks: [fine] }],
  ])("is the product's failure by %s alone", async (_name, driven) => {
    expect((await blamed(driven)).classification).toBe("product_failure");
  });

  it("is nobody's that could be told on a substrate that is not whole", async () => {
    expect(await blamed({ checks: [fine, wrong, check("x", "fail")] }, broken)).toEqual({
      classification: "infra_failure",
      told: [
        "fail pve.drift",
        "pass routerd.service",
        "blocked routerd.pools not judged, for the substrate is not whole: no pool",
        "blocked x not judged, for the substrate is not whole: failed",
      ],
      looks: ["certify", "peek"],
    });
  });

  it("is nobody's that could be told where something changed while it was looked at", async () => {
    const changed = [check("substrate.state", "fail")];
    const { classification, told } = await blamed({ exit: 1, checks: [wrong] }, whole, changed);
    expect(classification).toBe("infra_failure");
    expect(told).toEqual([
      "fail substrate.state",
      "blocked routerd.pools not judged, for the substrate is not whole: no pool",
    ]);
  });

  it.each<[string, Partial<Driven>, string]>([
    ["a check could not be looked at", { checks: [check("x", "blocked")] }, "blocked x"],
    ["a check was left out", { checks: [check("x", "skipped")] }, "skipped x"],
    ["the command could not do its work", { exit: 2, checks: [fine] }, "pass routerd.service"],
    [
      "the command refused to begin",
      { classification: "preflight_failure", checks: [fine] },
      "pass routerd.service",
    ],
    [
      "the command itself takes the blame from the product",
      { exit: 1, classification: "infra_failure", checks: [check("x", "fail")] },
      "blocked x not judged, for the substrate is not whole: failed",
    ],
  ])("does not pass, and is not the product's failure, where %s", async (_name, driven, told) => {
    expect(await blamed(driven)).toEqual({ classification: "infra_failure", told: [told], looks: [] });
  });
});
