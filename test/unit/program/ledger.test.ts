import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { keepLedger, layOver, refuseOverFreeze } from "../../../src/program/ledger.ts";

describe("what is laid over a ledger", () => {
  it("keeps what it does not name, at every depth", () => {
    const old = { freeze: { runId: "r" }, hostKeys: { a: { x: 1, y: 2 }, b: { z: 3 } } };
    expect(layOver(old, { hostKeys: { a: { y: 9 } } })).toEqual({
      freeze: { runId: "r" },
      hostKeys: { a: { x: 1, y: 9 }, b: { z: 3 } },
    });
  });

  it("replaces lists and scalars, and what was of another kind", () => {
    const old = { list: [1, 2], text: "a", table: { x: 1 } };
    expect(layOver(old, { list: [3], text: "b", table: "gone" })).toEqual({
      list: [3],
      text: "b",
      table: "gone",
    });
  });
});

describe("a freeze that is laid over a ledger", () => {
  const hour = 3_600_000;
  function freezeOf(runId: string, until = hour) {
    const at = (ms: number) => new Date(Date.now() + ms).toISOString();
    return { freeze: { runId, release: "v1.2.3", since: at(-hour), until: at(until) } };
  }

  it("does not replace another run's that is in force", () => {
    const write = () => refuseOverFreeze(freezeOf("first"), freezeOf("second"), "lab");
    expect(write).toThrow(/^freeze by second: expected no release run in lab, got a freeze by first /);
  });

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ["the run's own", freezeOf("first"), freezeOf("first", 2 * hour)],
    ["one that is past its end", freezeOf("first", -1), freezeOf("second")],
    ["one that was released", { freeze: null }, freezeOf("second")],
    ["nothing", {}, freezeOf("second")],
  ])("replaces %s", (_name, old, entries) => {
    expect(() => refuseOverFreeze(old, entries, "lab")).not.toThrow();
  });

  it("is not asked about by entries of other kinds, nor by a release", () => {
    const unintelligible = { freeze: "?" };
    expect(() => refuseOverFreeze(unintelligible, { hostKeys: {} }, "lab")).not.toThrow();
    expect(() => refuseOverFreeze(freezeOf("first"), { freeze: null }, "lab")).not.toThrow();
  });
});

describe("the program of a ledger", () => {
  const inForce = {
    runId: "first",
    release: "v1",
    since: "2026-11-22T16:00:00Z",
    until: "2999-11-22T18:00:00Z",
  };

  /** In the stack `lab-ledger`, whose last update exported these. */
  async function keep(old: object, entries: Readonly<Record<string, unknown>>) {
    const asked: string[] = [];
    const call = ({ token, inputs }: pulumi.runtime.MockCallArgs) => {
      asked.push(`${token} ${inputs.name}`);
      return { outputs: old };
    };
    const mocks = { newResource: () => ({ id: "", state: {} }), call };
    await pulumi.runtime.setMocks(mocks, "substrate", "lab-ledger", false, "organization");
    const kept = await keepLedger(entries);
    return { kept, asked };
  }

  it("exports what its last update exported, with the new entries laid over it", async () => {
    const old = { freeze: null, hostKeys: { pve: { leaf1: { fingerprint: "a" } } } };
    const { kept, asked } = await keep(old, { hostKeys: { pve: { leaf2: { fingerprint: "b" } } } });
    expect(kept).toEqual({
      freeze: null,
      hostKeys: { pve: { leaf1: { fingerprint: "a" }, leaf2: { fingerprint: "b" } } },
    });
    expect(asked).toEqual(["pulumi:pulumi:readStackOutputs organization/substrate/lab-ledger"]);
  });

  it("gives back a run's own freeze, also when its end is past, and leaves another's as it is", async () => {
    const over = { ...inForce, until: "2026-11-22T18:00:00Z" };
    for (const held of [inForce, over])
      expect((await keep({ freeze: held }, { freeze: { releasedBy: "first" } })).kept).toEqual({
        freeze: null,
      });
    const { kept } = await keep({ freeze: inForce }, { freeze: { releasedBy: "second" } });
    expect(kept).toEqual({ freeze: inForce });
    expect((await keep({}, { freeze: { releasedBy: "second" } })).kept).toEqual({ freeze: null });
  });

  it("fails, so that nothing is written, where it would take another run's freeze", async () => {
    await expect(keep({ freeze: inForce }, { freeze: { ...inForce, runId: "second" } })).rejects.toThrow(
      /^freeze by second: expected no release run in lab, got a freeze by first /,
    );
  });
});
