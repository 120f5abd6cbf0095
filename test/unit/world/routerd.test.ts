import { describe, expect, it } from "vitest";
import { execute, executeAsRoot } from "../../../src/world/commands.ts";
import { type Meddling, meddle } from "../../../src/world/meddle.ts";
import { type Guest, topology } from "../../fixtures/topology.ts";

function lab() {
  const { world, machines } = topology();
  const on = (guest: Guest, ...argv: string[]) => executeAsRoot(world, machines[guest], argv);
  const unit = (guest: Guest) => on(guest, "systemctl", "is-active", "routerd.service");
  const pool = (guest: Guest): unknown =>
    JSON.parse(on(guest, "routerctl", "describe", "MobilityPool/lab", "-o", "json").stdout);
  const change = (guest: Guest, what: Meddling) => meddle(world, guest, what);
  return { world, machines, on, unit, pool, change };
}

describe("routerd in a guest that was set up to route", () => {
  it("is active, healthy, and has a pool that is ready and owns every address once", () => {
    const { on, unit, pool } = lab();
    expect(unit("leaf1")).toEqual({ exit: 0, stdout: "active\n", stderr: "" });
    const status: unknown = JSON.parse(on("leaf1", "routerctl", "get", "status", "-o", "json").stdout);
    expect(status).toMatchObject({ status: { phase: "Healthy" } });
    expect(JSON.stringify(status)).not.toContain("resourcePhaseIssues");
    expect(pool("leaf1")).toMatchObject({ resource: { kind: "MobilityPool", status: { phase: "Ready" } } });
    expect(JSON.stringify(pool("leaf1"))).not.toContain("Conflict");
    expect(on("leaf1", "routerctl", "action", "list", "-o", "json").stdout).toBe("null\n");
  });

  it("that is stopped says so, does not answer, and is missed by the others", () => {
    const { on, unit, pool, change } = lab();
    const undo = change("leaf2", "routerd-stopped");
    expect(unit("leaf2")).toMatchObject({ exit: 3, stdout: "inactive\n" });
    expect(on("leaf2", "routerctl", "get", "status", "-o", "json").exit).toBe(1);
    expect(pool("leaf1")).toMatchObject({ resource: { status: { phase: "Pending" } } });
    undo();
    expect(pool("leaf1")).toMatchObject({ resource: { status: { phase: "Ready" } } });
  });

  it("that was removed is no unit and no command", () => {
    const { on, unit, change } = lab();
    change("leaf2", "routerd-removed");
    expect(unit("leaf2").exit).toBe(4);
    expect(on("leaf2", "routerctl", "action", "list", "-o", "json").exit).toBe(127);
  });

  it("that claims another's address degrades the pool for all who see both", () => {
    const { pool, change } = lab();
    change("leaf2", "routerd-pool-conflict");
    for (const guest of ["leaf1", "leaf2"] as const) {
      expect(pool(guest)).toMatchObject({ resource: { status: { phase: "Degraded" } } });
      expect(JSON.stringify(pool(guest))).toContain('"state":"Conflict"');
    }
  });

  it("journals an action that failed, even while it is stopped", () => {
    const { on, pool, change } = lab();
    change("leaf1", "routerd-action-failed");
    expect(pool("leaf1")).toMatchObject({ resource: { status: { phase: "Failed" } } });
    change("leaf1", "routerd-stopped");
    const journal: unknown = JSON.parse(on("leaf1", "routerctl", "action", "list", "-o", "json").stdout);
    expect(journal).toMatchObject([{ status: "failed" }]);
  });

  it("loses its sessions with the wire, not by being told", () => {
    const { machines, pool } = lab();
    for (const nic of machines.leaf2.nics) Object.assign(nic, { segment: "nowhere" });
    expect(pool("leaf1")).toMatchObject({ resource: { status: { phase: "Pending" } } });
  });

  it("answers root alone, and nothing that it does not know", () => {
    const { world, machines, on } = lab();
    expect(execute(world, machines.leaf1, ["routerctl", "action", "list", "-o", "json"]).exit).toBe(1);
    expect(on("leaf1", "routerctl", "get", "nosuch").exit).toBe(1);
    expect(on("leaf1", "systemctl", "stop", "routerd.service").exit).toBe(1);
    expect(on("leaf1", "systemctl", "is-active", "nosuch.service").exit).toBe(4);
  });
});
