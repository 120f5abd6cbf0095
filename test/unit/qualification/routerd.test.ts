import { describe, expect, it } from "vitest";
import { Unreadable } from "../../../src/check/unreadable.ts";
import type { Reading, Transport } from "../../../src/probes/transport.ts";
import { productChecks, runsProduct } from "../../../src/qualification/routerd.ts";
import { execute } from "../../../src/world/commands.ts";
import { type Meddling, meddle } from "../../../src/world/meddle.ts";
import { topology } from "../../fixtures/topology.ts";
import { named, runPlan } from "../../support/checks.ts";

const ids = ["routerd.service", "routerd.status", "routerd.pools", "routerd.actions"];

/** Asks a router; `answer` may say something else than the guest does. */
async function ask(transport: Transport, patience = 0): Promise<Record<string, string>> {
  const router = { name: named("leaf1"), transport, after: [], patience };
  const { answers } = await runPlan(productChecks(router));
  return Object.fromEntries(answers.map(({ check, result, summary }) => [check.id, `${result}: ${summary}`]));
}

type Answer = (line: string) => Partial<Reading> | undefined;

/** A lab guest, of which some answers are replaced. */
function guest(answer: Answer = () => undefined, ...changes: readonly Meddling[]): Transport {
  const { world, machines } = topology();
  for (const change of changes) meddle(world, "leaf1", change);
  return {
    run: async (probes) =>
      new Map(
        probes.map(({ id, argv }) => {
          const said = { truncated: false, ...execute(world, machines.leaf1, argv) };
          return [id, { ...said, ...answer(argv.join(" ").replace(/^sudo -n /, "")) }];
        }),
      ),
  };
}

/** An answer to one command line. */
const says =
  (line: string, value: unknown): Answer =>
  (asked) =>
    asked === line ? { exit: 0, stdout: JSON.stringify(value) } : undefined;

const status = "routerctl get status -o json";
const pools = "routerctl get MobilityPool -o json";
const pool = "routerctl describe MobilityPool/lab -o json";
const actions = "routerctl action list -o json";
const described = (fields: object) => ({ resource: { name: "lab", status: { phase: "Ready", ...fields } } });

it("the product runs on everything but clients", () => {
  expect(["leaf", "router", "client"].map((role) => runsProduct(named(role)))).toEqual([true, true, false]);
});

describe("a router", () => {
  it("passes where routerd is active, healthy, and its pools are ready", async () => {
    const found = await ask(guest());
    expect(Object.keys(found)).toEqual(ids);
    for (const id of ids) expect(found[id]).toMatch(/^pass: /);
  });

  it.each<readonly [Meddling, string, string]>([
    ["routerd-stopped", "routerd.service", "fail: routerd.service is not active on leaf1"],
    ["routerd-removed", "routerd.service", "fail: routerd.service is not active on leaf1"],
    ["routerd-pool-conflict", "routerd.pools", "fail: owners of 2 addresses are in conflict on leaf1"],
    ["routerd-action-failed", "routerd.actions", "fail: 1 provider actions have failed on leaf1"],
  ])("fails where it is %s, by %s", async (change, id, outcome) => {
    const found = await ask(guest(undefined, change));
    expect(found[id]).toBe(outcome);
    // A daemon that does not run can not be asked; nothing more is held against it.
    if (id === "routerd.service") expect(found["routerd.pools"]).toMatch(/^blocked: /);
  });

  it.each<readonly [string, string, unknown]>([
    ["routerd.status", status, { status: { phase: "Degraded" } }],
    [
      "routerd.status",
      status,
      { status: { phase: "Healthy", resourcePhaseIssues: [{ kind: "Interface" }] } },
    ],
    ["routerd.status", status, { phase: "Healthy" }],
    ["routerd.pools", pools, { items: [] }],
    ["routerd.pools", pools, {}],
    ["routerd.pools", pool, described({ phase: "Pending" })],
    ["routerd.pools", pool, described({ phase: undefined })],
    ["routerd.pools", pool, described({ ownershipResolverConflictCount: 1 })],
    ["routerd.actions", actions, [{ status: "succeeded" }, { status: "running" }]],
    ["routerd.actions", actions, "nothing"],
  ])("fails %s where %s says %j", async (id, line, value) => {
    expect((await ask(guest(says(line, value))))[id]).toMatch(/^fail: /);
  });

  it("passes with actions that have come to an end, and with the words of older releases", async () => {
    const done = [{ status: "succeeded" }, { status: "skipped" }, { status: "rolledBack" }];
    expect((await ask(guest(says(actions, done))))["routerd.actions"]).toMatch(/^pass: none of 3 /);
    expect((await ask(guest(says(actions, []))))["routerd.actions"]).toMatch(/^pass: /);
    const older = described({ ownershipResolverConflictCount: 0 });
    expect((await ask(guest(says(pool, older))))["routerd.pools"]).toMatch(/^pass: /);
  });

  it("is given its time to converge", async () => {
    let asked = 0;
    const slow: Answer = (line) => {
      if (line !== pool) return undefined;
      asked += 1;
      return asked < 3 ? says(pool, described({ phase: "Pending" }))(line) : undefined;
    };
    expect((await ask(guest(slow), 60_000))["routerd.pools"]).toMatch(/^pass: /);
    expect(asked).toBe(3);
  });

  it("is blocked, not failed, where it can not be asked", async () => {
    const lost: Transport = { run: async () => Promise.reject(new Unreadable("unreachable", "gone")) };
    for (const outcome of Object.values(await ask(lost))) expect(outcome).toMatch(/^blocked: /);
    const long: Answer = (line) => (line === pools ? { truncated: true } : undefined);
    expect((await ask(guest(long)))["routerd.pools"]).toMatch(/^blocked: /);
    const noRoot: Answer = (line) => (line === "true" ? { exit: 1 } : undefined);
    for (const outcome of Object.values(await ask(guest(noRoot)))) expect(outcome).toMatch(/^blocked: /);
  });
});
