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

describe("sizes", () => {
  const ceiling = { shapes: ["s1", "s2"], totals: {} };

  it("must be among those that the ceiling names, and none is where it names none", () => {
    expect(said("cost-ceiling", { shape: "s2" }, { ceiling }, "a")).toEqual([[]]);
    expect(said("cost-ceiling", { shape: "s9" }, { ceiling }, "a")).toEqual([
      ["expected one of s1, s2, got s9"],
    ]);
    expect(said("cost-ceiling", { shape: "s1" }, { ceiling: { totals: {} } }, "a")).toEqual([
      ["expected one of undefined, got s1"],
    ]);
  });

  it("and costs need a ceiling, and what has neither needs none", () => {
    const without = [["expected a ceiling in stack config, got none"]];
    expect(said("cost-ceiling", { shape: "s1" }, {}, "a")).toEqual(without);
    expect(said("cost-ceiling", { costs: { disk: 1 } }, {}, "a")).toEqual(without);
    expect(said("cost-ceiling", {}, {}, "a")).toEqual([[]]);
  });
});

describe("tags", () => {
  const tags = { run: "run-20261122t160145z-x7k2", expires: "2026-11-23T16:01:45Z" };

  it("say the run and its expiry, on everything that takes any", () => {
    expect(said("run-tags", { tags }, {}, "a")).toEqual([[]]);
    expect(said("run-tags", {}, {}, "a")).toEqual([[]]);
    expect(said("run-tags", { tags: { ...tags, expires: "soon" } }, {}, "a")).toEqual([
      ["expected an expiry among its tags"],
    ]);
    expect(said("run-tags", { tags: { run: undefined, expires: undefined } }, {}, "a")).toEqual([
      ["expected a run ID among its tags", "expected an expiry among its tags"],
    ]);
  });
});

describe("openings", () => {
  it("to management ports are refused one by one, and no others", () => {
    const openings = [
      { from: "0.0.0.0/0", ports: [22, 22] },
      { from: "0.0.0.0/0", ports: [80, 80] },
      { from: "::/0", ports: [3389, 3389] },
    ] as const;
    expect(said("management-ports", { openings }, {}, "a")).toEqual([
      [
        "expected no way in from anywhere (0.0.0.0/0) to port 22",
        "expected no way in from anywhere (::/0) to port 3389",
      ],
    ]);
    expect(said("management-ports", {}, {}, "a")).toEqual([[]]);
  });
});

describe("foundations", () => {
  const protection = rules.find(({ name }) => name === "protected-foundations");
  const saidOf = (facts: Facts, protect: boolean) =>
    protection?.violations(
      { type: "m", name: "a", props: {}, protect },
      stackWith({ ...nothing, factsOf: () => facts }),
    );

  it("are protected; what is none need not be", () => {
    expect(saidOf({ foundation: true }, true)).toEqual([]);
    expect(saidOf({ foundation: true }, false)).toEqual(["expected `protect: true`"]);
    expect(saidOf({}, false)).toEqual([]);
  });
});

it("every rule has a name of its own and says what it is for", () => {
  expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
  for (const { description } of rules) expect(description).toMatch(/^[A-Z].+\.$/);
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

  it("are looked for in every machine's user data, and none are where there is none", () => {
    const own = { secrets: [new Secret("hunter2-token")] };
    expect(said("user-data-secrets", { userData: "echo hunter2-token" }, own, "a")).toEqual([
      ["expected user data without secrets, got one of the stack's own secrets"],
    ]);
    expect(said("user-data-secrets", {}, own, "a")).toEqual([[]]);
  });

  it("are found where only one of several is in it, and where a key of many lines is indented or cut", () => {
    const several = { hostKeys: [], secrets: [new Secret("another-one"), new Secret("hunter2-token")] };
    expect(secretsIn("echo hunter2-token", several)).toHaveLength(1);
    const [longest = ""] = other.split("\n").toSorted((a, b) => b.length - a.length);
    expect(longest.length).toBeGreaterThan(60);
    expect(secretsIn(`note: ${longest}`, { hostKeys: [], secrets: [new Secret(other)] })).toEqual([
      "expected user data without secrets, got one of the stack's own secrets",
    ]);
  });

  it("are none in what only locks a password", () => {
    expect(secretsIn("users:\n  - lock_passwd: true\n    compass: d", known)).toEqual([]);
  });

  it("are none where the declared host key ends with a line end that the user data has not", () => {
    expect(secretsIn(own.trim(), { ...known, hostKeys: [new Secret(`\n${own}\n`)] })).toEqual([]);
  });

  it.each([
    ["another private key", indented(other), "a private key that is no declared host key"],
    ["a password", "chpasswd:\n  expire: false", "a password"],
    ["a password in JSON", '{"passwd": "x"}', "a password"],
    ["a hashed password", "hashed_passwd: x", "a password"],
    ["a plain password", "plain_text_passwd: x", "a password"],
    ["a password of something", "DB_PASSWORD=x", "a password"],
    ["a token", "api_token = abc", "a token"],
    ["a key of an API", "apikey: abc", "a token"],
    ["a secret key", "aws_secret_access_key=abc", "a token"],
    ["a token for access", "access-token: abc", "a token"],
    ["a client's secret", "CLIENT_SECRET: abc", "a token"],
    ["an access key", "export KEY=AKIAIOSFODNN7EXAMPLE", "cloud credentials"],
    ["the stack's own secret", "echo hunter2-token", "one of the stack's own secrets"],
  ])("are told by their kind alone: %s", (_name, text, what) => {
    expect(secretsIn(text, known)).toEqual([`expected user data without secrets, got ${what}`]);
  });
});
