// The parts of the drift campaign that need neither lab nor engine.
import { describe, expect, it } from "vitest";
import type { Declared } from "../../../src/lab/declared.ts";
import type { Manifest } from "../../../src/manifest/model.ts";
import { anotherLike, otherThan } from "../../campaign/drift/alternative.ts";
import { nextBatch, randomFrom, shuffled, type Waiting } from "../../campaign/drift/batch.ts";
import { differencesOf, stillThere } from "../../campaign/drift/delta.ts";
import { anew, commandOf, planOf } from "../../campaign/drift/injection.ts";
import { blamedWrongly, detectionOf, madeAnew, unrepaired } from "../../campaign/drift/judge.ts";
import { relationsOf } from "../../campaign/drift/relations.ts";
import { changesOf } from "../../campaign/drift/walk.ts";

const inputs = { size: 8, on: true, note: null, tags: { run: "a" }, rules: [{ port: 1 }], __defaults: [] };

function thing(name: string, dependencies: readonly string[] = []): Declared {
  return { name, type: "lab:Thing", id: `${name}-id`, inputs, outputs: {}, dependencies };
}

function changed(resource: string, path: string, tries = 0): Waiting {
  const change = { name: path, path, value: 1 };
  const name = `lab ${resource}.${path}`;
  return {
    injection: { name, substrate: "lab", resource, what: { kind: "property", change } },
    tries,
  };
}

function deleted(resource: string): Waiting {
  const name = `lab ${resource} deleted`;
  return { injection: { name, substrate: "lab", resource, what: { kind: "deletion" } }, tries: 0 };
}

describe("what can be changed", () => {
  it("is every leaf, one more and one less of every list, and nothing that the engine notes for itself", () => {
    expect(changesOf(inputs).map(({ name }) => name)).toEqual([
      ...["size", "on", "tags.run", "rules[+]", "rules[-]", "rules[0].port"],
    ]);
  });

  it.each([8, true, "tcp", "10.0.0.0/8", "ssh-ed25519 AAAA", "any word", ["a"], { deep: [1] }])(
    "%j becomes something of the same kind that is not the same",
    (value) => {
      const other = otherThan(value);
      expect(other).not.toEqual(value);
      expect(typeof other).toBe(typeof value);
    },
  );

  it("takes no name for a key that begins like one", () => {
    expect(otherThan("ssh-from-here")).toBe("ssh-from-herex");
    expect(otherThan("ssh-ed25519 AAAA")).toMatch(/^ssh-ed25519 AAAA./);
  });

  it("in one more of a list is all but the far end's own words and names", () => {
    const rule = { port: 22, protocol: "tcp", group: "sg-0123456789abcdef0", on: true };
    expect(anotherLike(rule)).toEqual({ ...rule, port: 23 });
  });
});

describe("what is to be injected", () => {
  const things = [thing("net"), thing("vm", ["net"])];
  const immaterial = [
    { of: "lab:Thing", named: "vm", paths: ["rules"], reason: "kept nowhere" },
    { of: "lab:Thing", named: "net", paths: ["deleted"], reason: "always there" },
  ];

  it("leaves out what is listed, counts it by its reason, and says what the list has too much", () => {
    const drifts = [{ name: "gone", summary: "", check: "lab.x", change: { delete: "vm" } }];
    const plan = planOf({ substrate: "lab", things, drifts, immaterial });
    expect(plan.immaterial).toEqual({ "kept nowhere": 3, "always there": 1 });
    expect(plan.injections.map(({ name }) => name)).toEqual([
      ...["size", "on", "tags.run", "rules[+]", "rules[-]", "rules[0].port"].map((path) => `lab net.${path}`),
      ...["lab vm.size", "lab vm.on", "lab vm.tags.run", "lab vm deleted", "lab gone"],
    ]);
    const wrong = [{ of: "lab:Thing", paths: ["rules[].gone", "size"], reason: "" }];
    expect(planOf({ substrate: "lab", things, drifts: [], immaterial: wrong }).stale).toEqual([
      "lab:Thing rules[].gone",
    ]);
  });

  it("refers to what is there by then: a thing that was made anew meanwhile has another id", () => {
    const routed = (gateway: string) => ({ ...thing("routes"), inputs: { routes: [{ to: 1, gateway }] } });
    const [before, now] = ["igw-0123456789abcdef0", "igw-0123456789abcdef1"];
    const plan = planOf({ substrate: "lab", things: [routed(before)], drifts: [], immaterial: [] });
    const added = plan.injections.filter(({ name }) => name === "lab routes.routes[+]");
    const asked = added.map((one) => commandOf(anew(one, routed(now)), routed(now)));
    expect(asked).toMatchObject([
      {
        set: {
          value: [
            { to: 1, gateway: now },
            { to: 2, gateway: now },
          ],
        },
      },
    ]);
    expect(added.map((one) => anew(one, undefined))).toEqual(added);
  });

  it("sets a list as a whole, since the far end may keep it in another order", () => {
    const { injection } = changed("vm", "rules[0].port");
    const asked = commandOf(injection, thing("vm"));
    expect(asked).toMatchObject({ do: "meddle", id: "vm-id", set: { path: "rules", value: [{ port: 1 }] } });
  });
});

describe("a batch", () => {
  const { related } = relationsOf([thing("net"), thing("vm", ["net"]), thing("rules", ["vm"])]);
  const limits = { most: 9, together: 3, related };
  const batchOf = (...waiting: Waiting[]) => nextBatch(waiting, limits).batch;

  it("takes different parts of one thing, and not the same part twice", () => {
    const [a, b, c] = [changed("vm", "cpu.cores"), changed("vm", "memory"), changed("vm", "cpu.type")];
    expect(nextBatch([a, b, c], limits)).toEqual({ batch: [a, b], rest: [c] });
    expect(batchOf(changed("vm", "nics[0].tag"), changed("vm", "nics[1].tag"))).toHaveLength(2);
    expect(batchOf(changed("vm", "nics[0].tag"), changed("vm", "nics"))).toHaveLength(1);
  });

  it("leaves one that could not be told apart alone with its thing, and at last altogether", () => {
    expect(batchOf(changed("vm", "name", 1), changed("vm", "memory"))).toHaveLength(1);
    expect(batchOf(changed("vm", "name", 1), changed("net", "memory"))).toHaveLength(2);
    expect(batchOf(changed("vm", "name", 2), changed("net", "memory"))).toHaveLength(1);
    expect(batchOf(changed("net", "memory"), changed("vm", "name", 2))).toHaveLength(1);
  });

  it("takes nothing that was made from what is deleted, or that this was made from", () => {
    expect(batchOf(deleted("net"), changed("rules", "a"))).toHaveLength(1);
    expect(batchOf(changed("net", "a"), deleted("rules"))).toHaveLength(1);
    expect(batchOf(deleted("vm"), changed("other", "a"))).toHaveLength(2);
  });

  it("is the same for the same seed", () => {
    const numbers = Array.from({ length: 50 }, (_, index) => index);
    const mixed = shuffled(numbers, randomFrom(7));
    expect(mixed).toEqual(shuffled(numbers, randomFrom(7)));
    expect(mixed).not.toEqual(numbers);
    expect(mixed.toSorted((a, b) => a - b)).toEqual(numbers);
  });
});

describe("the far end's state", () => {
  const before = { vms: { 1: { cores: 2, startedAt: 1 } } };

  it("differs where something was changed, whatever moves by itself", () => {
    const after = { vms: { 1: { cores: 4, startedAt: 9 } } };
    expect(differencesOf(before, after)).toEqual([{ at: ["vms", "1", "cores"], before: 2 }]);
  });

  it("is put back when it is what it was, with another run's tag", () => {
    const differences = [
      { at: ["tag"], before: "run-20260101-000000-abcd" },
      { at: ["cores"], before: 2 },
    ];
    expect(stillThere(differences, { tag: "run-20260102-000000-wxyz", cores: 2 })).toEqual([]);
    expect(stillThere(differences, { tag: "by hand", cores: 3 })).toEqual(differences);
  });
});

describe("a manifest", () => {
  const ground = {
    substrate: "lab",
    verifiers: (name: string) => (name === "vm" ? ["lab.state@vm", "lab.drift"] : ["lab.drift"]),
    dependents: (name: string) => (name === "net" ? ["net", "vm"] : [name]),
  };
  const manifest = (summary: string, ...failed: string[]): Manifest => ({
    ...{ schemaVersion: "release-environment-certification/v1", manifestId: "m", environment: "lab" },
    ...{ topology: "t", issuedAt: "", expiresAt: "", providers: [], certifiers: [], repairs: [] },
    status: summary === "" && failed.length === 0 ? "pass" : "fail",
    checks: [
      check("lab.drift", summary === "" ? "pass" : "fail", summary),
      ...failed.map((key) => check(key, "fail", "")),
    ],
  });
  const check = (key: string, result: "pass" | "fail" | "blocked", summary: string) => {
    const [name = "", target] = key.split("@");
    return { name, ...(target && { target }), component: "pve" as const, result, checkedAt: "", summary };
  };

  const alone = ({ injection }: Waiting) => ({ injection, alone: true });
  const beside = ({ injection }: Waiting) => ({ injection, alone: false });

  it("names a drift by the property that differs, or by what is missing", () => {
    const told = manifest("2 resources differ: vm: cpu.cores, name; net is missing");
    expect(detectionOf(beside(changed("vm", "cpu.cores")), told, ground)).toBe("named");
    expect(detectionOf(beside(changed("vm", "cpu")), told, ground)).toBe("named");
    expect(detectionOf(beside(changed("vm", "memory")), told, ground)).toBe("missed");
    expect(detectionOf(beside(deleted("net")), told, ground)).toBe("named");
    expect(detectionOf(beside(deleted("vm")), told, ground)).toBe("missed");
  });

  it("names an item of a set by another number, where nothing else was wrong with its thing", () => {
    const told = manifest("1 resources differ: vm: rules[0], rules[4]");
    expect(detectionOf(alone(changed("vm", "rules[3].about")), told, ground)).toBe("named");
    expect(detectionOf(beside(changed("vm", "rules[3].about")), told, ground)).toBe("missed");
    expect(detectionOf(alone(changed("vm", "names[0]")), told, ground)).toBe("missed");
  });

  it("covers a drift by a check of its thing, where nothing else was wrong with that", () => {
    const told = manifest("", "lab.state@vm");
    expect(detectionOf(alone(changed("vm", "memory")), told, ground)).toBe("covered");
    expect(detectionOf(beside(changed("vm", "memory")), told, ground)).toBe("missed");
    expect(detectionOf(alone(changed("net", "memory")), told, ground)).toBe("missed");
  });

  it("that passes has detected nothing, and so has one that was never written", () => {
    for (const none of [manifest(""), undefined])
      expect(detectionOf(alone(changed("vm", "memory")), none, ground)).toBe("missed");
  });

  it("blames wrongly where a check fails that covers neither the thing nor what was made from it", () => {
    const told = manifest("1 resources differ: net: a", "lab.state@vm", "lab.other@far");
    expect(blamedWrongly([changed("net", "a")], told, ground)).toEqual(["lab.other@far"]);
  });

  it("is wrong between two guests where the drifted one, which answers, can not pass either", () => {
    const about = { ...ground, verifiers: () => ["lab.l3@vm", "lab.state@vm"] } as const;
    const others = ["lab.l3@peer", "lab.l2@peer", "lab.state@peer"].map((key) => check(key, "fail", ""));
    const blamed = (...own: Manifest["checks"]) =>
      blamedWrongly([changed("vm", "nic")], { ...manifest(""), checks: [...own, ...others] }, about);
    const state = check("lab.state@vm", "fail", "");
    const [failed, unseen] = [check("lab.l3@vm", "fail", ""), check("lab.l3@vm", "blocked", "")];
    const up = check("g.ssh@vm", "pass", "");
    for (const way of [failed, unseen])
      expect(blamed(up, way, state)).toEqual(["lab.l2@peer", "lab.state@peer"]);
    expect(blamed(unseen, state)).toEqual(["lab.l3@peer", "lab.l2@peer", "lab.state@peer"]);
  });

  it("tells what was made anew, and what is no pass after a repair", () => {
    const repaired: Manifest = {
      ...manifest("", "lab.state@vm"),
      repairs: [
        {
          component: "pve",
          target: "vm",
          action: "replaced for cpu",
          result: "fail",
          verifiedBy: "lab.drift",
        },
      ],
    };
    expect(madeAnew(changed("vm", "cpu").injection, repaired)).toBe(true);
    expect(madeAnew(changed("net", "cpu").injection, repaired)).toBe(false);
    expect(unrepaired(repaired)).toEqual([
      "lab.state@vm is fail: ",
      "repair of vm is fail: replaced for cpu",
    ]);
    expect(unrepaired(undefined)).toEqual(["no manifest was written"]);
  });
});
