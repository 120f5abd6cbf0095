import { describe, expect, it } from "vitest";
import { driftCheck, inventoryId, isDrift } from "../../../src/certification/drift.ts";
import { Unreadable } from "../../../src/check/unreadable.ts";
import type { Change, Events } from "../../../src/engine/changes.ts";
import type { Action } from "../../../src/engine/event.ts";
import { Locked } from "../../../src/engine/lock.ts";
import { change } from "../../support/certification.ts";
import { checkOf, runPlan } from "../../support/checks.ts";

const eventsOf = (...changes: Change[]): Events => ({
  ...{ changes, done: new Set(), failed: new Set(), errors: [], complete: true },
});

async function outcomeOf(preview: () => Promise<Events | undefined>) {
  return (await runPlan([driftCheck("pve", [], preview)])).outcomes[0];
}

describe("the drift", () => {
  it("passes where the engine's preview changes nothing", async () => {
    expect(await outcomeOf(async () => eventsOf())).toBe("pass: every declared resource is as declared");
  });

  it.each<[Action, string[], string]>([
    ["create", [], "leaf1 is missing"],
    ["delete", [], "leaf1 is not declared"],
    ["import", [], "leaf1 is not imported"],
    ["absent", [], "leaf1 is adopted and not there"],
    ["update", ["mtu", "agent.enabled"], "leaf1: mtu, agent.enabled"],
    ["update", [], "leaf1 differs"],
    ["replace", ["name"], "leaf1: name"],
    ["replace", [], "leaf1 must be replaced"],
  ])("fails on a %s of %j and says so", async (action, properties, words) => {
    const events = eventsOf(change("leaf1", action, ...properties));
    expect(await outcomeOf(async () => events)).toBe(`fail: 1 resources differ: ${words}`);
  });

  it("names all that differ", async () => {
    const events = eventsOf(change("leaf1", "create"), change("leaf2", "update", "mtu"));
    expect(await outcomeOf(async () => events)).toBe(
      "fail: 2 resources differ: leaf1 is missing; leaf2: mtu",
    );
  });

  it("fails where there never was a stack", async () => {
    expect(await outcomeOf(async () => undefined)).toBe(
      "fail: never provisioned: there is no such stack yet; --repair creates it",
    );
  });

  it("is blocked where the engine could not look", async () => {
    const failing = () => Promise.reject(new Unreadable("engine", "10.0.0.1: connection refused"));
    expect(await outcomeOf(failing)).toBe("blocked: could not look: the engine could not look");
  });

  it("is blocked, and says for how long by now, where another update holds the stack", async () => {
    const timestamp = new Date(Date.now() - 5.5 * 60_000);
    const locked = new Locked({ username: "alice", hostname: "builder", pid: 123, timestamp });
    expect(await outcomeOf(() => Promise.reject(locked))).toBe(
      "blocked: locked by another update for 5 minutes",
    );
  });

  it("is known by its name, as the inventory is, and given a quarter of an hour", () => {
    const check = driftCheck("pve", [], async () => undefined);
    expect(check).toMatchObject({ id: "pve.drift", deadline: 900_000 });
    expect([isDrift(check), isDrift(checkOf("pve.drifting"))]).toEqual([true, false]);
    expect(inventoryId("pve")).toBe("pve.inventory");
  });

  it("waits for its gates", async () => {
    const closed = checkOf("pve.api", { observe: () => Promise.reject(new Error("closed")) });
    const { outcomes } = await runPlan([closed, driftCheck("pve", ["pve.api"], async () => eventsOf())]);
    expect(outcomes[1]).toBe("blocked: could not look: pve.api is blocked");
  });
});
