import { expect, it } from "vitest";
import type { Reading } from "../../../../src/probes/transport.ts";
import { reachabilityChecks } from "../../../../src/substrates/pve/checks/reachability.ts";
import { checkOf, named, runPlan } from "../../../support/checks.ts";

const guest = { role: named("leaf"), node: named("pve1"), vmId: 100, cores: 1, memory: 512, nics: [] };
const [from, to] = [
  { ...guest, name: named("leaf1") },
  { ...guest, name: named("leaf2") },
];

async function verdictOn(reading: Partial<Reading> | undefined) {
  const whole = { exit: 0, stdout: "", stderr: "", truncated: false, ...reading };
  const readings = new Map(reading === undefined ? [] : [["ping-0", whole] as const]);
  const flows = [{ from, to, address: "10.0.0.2" }];
  const checks = reachabilityChecks({ flows, guests: [from, to] }, () => ({ run: async () => readings }));
  const gates = [from, to].map(({ name }) => checkOf("g.ssh", { target: name }));
  return (await runPlan([...gates, ...checks])).outcomes.at(-1);
}

const dark = "blocked: could not look: the answer could not be understood";

it.each([
  ["all replies", { exit: 0 }, "pass: reaches 1 of 1 peers"],
  ["missing replies", { exit: 1 }, "fail: does not reach leaf2"],
  ["no route", { exit: 2, stderr: "ping: connect: Network is unreachable\n" }, "fail: does not reach leaf2"],
  [
    "a ping that may not open its socket",
    { exit: 2, stderr: "ping: socket: Operation not permitted\n" },
    dark,
  ],
  ["a ping of another kind", { exit: 2, stderr: "ping: invalid option -- 'W'\n" }, dark],
  ["no ping", { exit: 127 }, dark],
  ["a ping that was ended", { exit: 124 }, dark],
  ["no reading", undefined, dark],
])("Reachability with %s", async (_what, reading, verdict) => {
  expect(await verdictOn(reading)).toBe(verdict);
});
