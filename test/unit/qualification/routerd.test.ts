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
const dumb = "routerctl on leaf1 does not answer as it should";
const described = (fields: object) => ({ resource: { name: "lab", status: { phase: "Ready", ...fields } } });

it("the product runs on everything but clients", () => {
  expect(["leaf", "router", "client"].map((role) => runsProduct(named(role)))).toEqual([true, true, false]);
});

describe("a router", () => {
  it("passes where routerd is active, healthy, and its pools are ready", async () => {
    const found = await ask(guest());
    expect(Object.keys(found)).toEqual(ids);
    expect(Object.values(found)).toEqual([
      "pass: routerd.service is active on leaf1",
      "pass: routerd on leaf1 is healthy",
      "pass: 1 of 1 pools are ready on leaf1, without conflict",
      expect.stringMatching(/^pass: none of \d+ provider actions has failed on leaf1$/),
    ]);
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

  it.each<readonly [string, string, unknown, string]>([
    ["routerd.status", status, { status: { phase: "Degraded" } }, "routerd on leaf1 is not healthy"],
    [
      "routerd.status",
      status,
      { status: { phase: "Healthy", resourcePhaseIssues: [{ kind: "Interface" }] } },
      "routerd on leaf1 has trouble with 1 resources",
    ],
    ["routerd.status", status, { phase: "Healthy" }, dumb],
    ["routerd.pools", pools, { items: [] }, "routerd on leaf1 has no MobilityPool"],
    ["routerd.pools", pools, {}, "routerd on leaf1 has no MobilityPool"],
    ["routerd.pools", pools, [], dumb],
    ["routerd.pools", pools, { items: [{ name: "lab" }, { name: "other" }] }, dumb],
    ["routerd.pools", pool, described({ phase: "Pending" }), "1 of 1 pools are not ready on leaf1"],
    ["routerd.pools", pool, described({ phase: undefined }), "1 of 1 pools are not ready on leaf1"],
    [
      "routerd.pools",
      pool,
      described({ ownershipResolverConflictCount: 1 }),
      "owners of 1 addresses are in conflict on leaf1",
    ],
    [
      "routerd.pools",
      pool,
      described({
        ownershipResolverConflictCount: 1,
        ownershipResolverControlPlaneOwnerTable: [
          { state: "Conflict" },
          { state: "Owned" },
          { state: "Conflict" },
        ],
      }),
      "owners of 2 addresses are in conflict on leaf1",
    ],
    ...["pending", "approved", "running"].map(
      (open) =>
        [
          "routerd.actions",
          actions,
          [{ status: "succeeded" }, { status: open }],
          "1 provider actions do not come to an end on leaf1",
        ] as const,
    ),
    ["routerd.actions", actions, "nothing", dumb],
  ])("fails %s where %s says %j", async (id, line, value, words) => {
    expect((await ask(guest(says(line, value))))[id]).toBe(`fail: ${words}`);
  });

  it.each(["Healthy", "Applied", "Active", "Ready"])(
    "passes as %s, with as good as no issues",
    async (phase) => {
      for (const issues of [undefined, null, []]) {
        const told = { status: { phase, resourcePhaseIssues: issues } };
        expect((await ask(guest(says(status, told))))["routerd.status"]).toBe(
          "pass: routerd on leaf1 is healthy",
        );
      }
    },
  );

  it("passes with actions that have come to an end, and with the words of older releases", async () => {
    const done = [{ status: "succeeded" }, { status: "skipped" }, { status: "rolledBack" }];
    expect((await ask(guest(says(actions, done))))["routerd.actions"]).toMatch(/^pass: none of 3 /);
    for (const none of [[], null])
      expect((await ask(guest(says(actions, none))))["routerd.actions"]).toBe(
        "pass: none of 0 provider actions has failed on leaf1",
      );
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

  it.each<readonly [string, string, string, Partial<Reading>]>([
    [
      "is activating",
      "routerd.service",
      "systemctl is-active routerd.service",
      { exit: 3, stdout: "activating\n" },
    ],
    [
      "is reloading",
      "routerd.service",
      "systemctl is-active routerd.service",
      { exit: 3, stdout: "reloading\n" },
    ],
    ["does not answer yet", "routerd.status", status, { exit: 1 }],
    ["has no pools yet", "routerd.pools", pools, { stdout: "{}" }],
    ["has actions under way", "routerd.actions", actions, { stdout: '[{"status":"running"}]' }],
  ])("is given time where it %s", async (_what, id, line, first) => {
    let asked = 0;
    const slow: Answer = (each) => (each === line && asked++ === 0 ? { exit: 0, ...first } : undefined);
    expect((await ask(guest(slow), 60_000))[id]).toMatch(/^pass: /);
    expect(asked).toBe(2);
  });

  it.each<readonly [string, string, string, Partial<Reading>]>([
    ["has ended", "routerd.service", "systemctl is-active routerd.service", { exit: 3, stdout: "failed\n" }],
    [
      "has a conflict",
      "routerd.pools",
      pool,
      { stdout: JSON.stringify(described({ ownershipResolverConflictCount: 1 })) },
    ],
    [
      "has a pool that gave up",
      "routerd.pools",
      pool,
      { stdout: JSON.stringify(described({ phase: "Failed" })) },
    ],
    [
      "has a failed action",
      "routerd.actions",
      actions,
      { stdout: '[{"status":"failed"},{"status":"running"}]' },
    ],
  ])("is given no time where it %s: that does not mend itself", async (_what, id, line, said) => {
    let asked = 0;
    const settled: Answer = (each) => (each === line && ++asked > 0 ? { exit: 0, ...said } : undefined);
    expect((await ask(guest(settled), 60_000))[id]).toMatch(/^fail: /);
    expect(asked).toBe(1);
  });

  it("is given no time where of several pools one gave up, whatever the others do", async () => {
    const phases: Readonly<Record<string, string>> = { lab: "Pending", other: "Failed" };
    let asked = 0;
    const several: Answer = (line) => {
      if (line === pools) asked += 1;
      const named = Object.keys(phases).find((name) => line.includes(`MobilityPool/${name} `));
      if (named === undefined) return says(pools, { items: [{ name: "lab" }, { name: "other" }] })(line);
      return {
        exit: 0,
        stdout: JSON.stringify({ resource: { name: named, status: { phase: phases[named] } } }),
      };
    };
    expect((await ask(guest(several), 60_000))["routerd.pools"]).toBe(
      "fail: 2 of 2 pools are not ready on leaf1",
    );
    expect(asked).toBe(1);
  });

  it("is not waited for in a run that was cancelled", async () => {
    const stop = new AbortController();
    const activating = guest((line) => (line === "true" ? undefined : { exit: 3, stdout: "activating\n" }));
    const transport: Transport = {
      run: (probes, signal) => {
        stop.abort();
        return activating.run(probes, signal);
      },
    };
    const [service] = productChecks({ name: named("leaf1"), transport, after: [], patience: 1_000 });
    await expect(service?.observe(stop.signal)).rejects.toThrow(
      expect.objectContaining({ name: "AbortError" }),
    );
  });

  it("is not waited for beyond its time, and fails with what it came to last", async () => {
    const pending = guest(says(pool, described({ phase: "Pending" })));
    expect((await ask(pending, 300))["routerd.pools"]).toBe("fail: 1 of 1 pools are not ready on leaf1");
  });

  it("is blocked where the driver leaves a probe without an answer", async () => {
    const whole = guest();
    const forgetful: Transport = {
      run: async (probes, signal) => {
        const readings = new Map(await whole.run(probes, signal));
        readings.delete("asked");
        return readings;
      },
    };
    expect((await ask(forgetful))["routerd.service"]).toBe(
      "blocked: could not look: the answer was cut short",
    );
  });

  it("is asked for its service first, and for the rest behind that, each with its time", () => {
    const router = { name: named("leaf1"), transport: guest(), after: [], patience: 5_000 };
    const plan = productChecks(router).map(({ id, target, after, deadline }) => [
      id,
      target,
      after,
      deadline,
    ]);
    expect(plan).toEqual([
      ["routerd.service", "leaf1", [], 65_000],
      ...ids.slice(1).map((id) => [id, "leaf1", ["routerd.service@leaf1"], 65_000]),
    ]);
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
