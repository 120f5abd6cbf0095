import { expect, it } from "vitest";
import type { Reading } from "../../../../src/probes/transport.ts";
import { Mesh } from "../../../../src/substrates/pve/checks/mesh.ts";
import { reachabilityChecks } from "../../../../src/substrates/pve/checks/reachability.ts";
import { parsePve } from "../../../../src/substrates/pve/config.ts";
import { checkOf, runPlan } from "../../../support/checks.ts";
import { labConfig } from "../../../support/pve.ts";

const config = parsePve(
  {
    ...labConfig(),
    "pve:endpoint": "https://127.0.0.1:8006/",
    "pve:token": "t",
    "pve:fingerprint": Array(32).fill("AA").join(":"),
    "pve:flows": [{ from: "leaf1", to: "leaf2", via: 1 }],
    "pve:forwarding": [],
    "substrate:sshKey": "k",
  },
  "the test",
);

async function verdictOn(reading: Partial<Reading> | undefined) {
  const whole = { exit: 0, stdout: "", stderr: "", truncated: false, ...reading };
  const visit = () => ({
    greeted: () => undefined,
    settled: Promise.resolve(),
    run: async (probes: readonly { readonly id: string }[]) =>
      new Map(reading === undefined ? [] : probes.map(({ id }) => [id, whole])),
  });
  const checks = reachabilityChecks(config, { mesh: new Mesh(config, visit), visit });
  const gates = config.guests.map(({ name }) => checkOf("g.ssh", { target: name }));
  return (await runPlan([...gates, ...checks.filter(({ id }) => id === "pve.l3")])).outcomes.at(-1);
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
  ["no reading", undefined, "blocked: could not look: the answer was cut short"],
])("Reachability with %s", async (_what, reading, verdict) => {
  expect(await verdictOn(reading)).toBe(verdict);
});
