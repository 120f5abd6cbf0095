import { describe, expect, it } from "vitest";
import { rules, stackWith } from "../../../policy/rules.ts";
import { secretsIn } from "../../../policy/userdata.ts";
import { Secret } from "../../../src/environment/secret.ts";
import type { Facts, SubstratePolicy } from "../../../src/substrates/policy.ts";
import { generateHostKey } from "../../../src/world/hostkey.ts";

const nothing: SubstratePolicy = {
  ...{ counts: {}, ceiling: undefined, hostKeys: [], secrets: [] },
  factsOf: () => ({}),
};

/** What one rule says of machines with these facts, declared one after the other. */
function said(rule: string, facts: Facts, own: Partial<SubstratePolicy>, ...names: readonly string[]) {
  const stack = stackWith({ ...nothing, factsOf: () => facts, ...own });
  const { violations } = rules.find(({ name }) => name === rule) ?? {};
  return names.map(
    (name) => violations?.({ type: "m", name, props: {}, protect: false }, stack) ?? ["no such rule"],
  );
}

describe("counts and totals", () => {
  it("may be reached and not passed, and what is declared again counts once", () => {
    expect(said("declared-types", {}, { counts: { m: 2 } }, "a", "b", "a", "c")).toEqual([
      ...[[], [], []],
      ["expected at most 2 of m, got a, b, c"],
    ]);
    const ceiling = { totals: { disk: 20 } };
    expect(said("cost-ceiling", { costs: { disk: 10 } }, { ceiling }, "a", "b", "a", "c")).toEqual([
      ...[[], [], []],
      ["expected disk of at most 20 in all, got 30 with this one"],
    ]);
  });

  it("refuse a cost that the ceiling does not name", () => {
    const [lines] = said("cost-ceiling", { costs: { gpus: 1 } }, { ceiling: { totals: {} } }, "a");
    expect(lines).toEqual(["expected gpus of at most 0 in all, got 1 with this one"]);
  });
});

describe("secrets in user data", () => {
  const [own, other] = [generateHostKey().privateKey, generateHostKey().privateKey];
  const known = { hostKeys: [new Secret(own)], secrets: [new Secret("hunter2-token")] };
  const indented = (key: string) =>
    `ssh_keys:\n  ed25519_private: |\n    ${key.trim().replaceAll("\n", "\n    ")}\n`;

  it("are none where it holds but the declared host key, however that is written", () => {
    for (const text of [own, indented(own), JSON.stringify({ key: own })])
      expect(secretsIn(text, known)).toEqual([]);
  });

  it.each([
    ["another private key", indented(other), "a private key that is no declared host key"],
    ["a password", "chpasswd:\n  expire: false", "a password"],
    ["a token", "api_token = abc", "a token"],
    ["an access key", "export KEY=AKIAIOSFODNN7EXAMPLE", "cloud credentials"],
    ["the stack's own secret", "echo hunter2-token", "one of the stack's own secrets"],
  ])("are told by their kind alone: %s", (_name, text, what) => {
    expect(secretsIn(text, known)).toEqual([`expected user data without secrets, got ${what}`]);
  });
});
