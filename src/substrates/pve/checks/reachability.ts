// Whether guests reach each other over routes as the topology's flows say, asked from inside them.
import type { Check } from "../../../check/check.ts";
import { fail, list, pass, say } from "../../../check/outcome.ts";
import { Unreadable } from "../../../check/unreadable.ts";
import type { Name } from "../../../environment/name.ts";
import type { Visit } from "../../../probes/guest.ts";
import { forwardingProbe, readForwarding } from "../../../probes/readers/forwarding.ts";
import { pingProbe, readPing, wholePingProbe } from "../../../probes/readers/ping.ts";
import type { Probe } from "../../../probes/transport.ts";
import type { PveConfig } from "../config.ts";
import { transitsOf } from "../paths.ts";
import { type Flow, wholePacket } from "../topology.ts";
import { type Mesh, met } from "./mesh.ts";

/** What the session to a guest is opened with. */
export const reachabilityGreeting = [forwardingProbe];

type Parts = { readonly mesh: Mesh; readonly visit: (name: Name) => Visit };

/** pve.l3 and pve.mtu for each guest that flows begin at, pve.forwarding for each that passes packets on. */
export function reachabilityChecks(config: PveConfig, { mesh, visit }: Parts): readonly Check[] {
  const sources = [...new Set(config.flows.map(({ from }) => from.name))];
  const routers = config.guests.filter(({ role }) => config.forwarding.includes(role));
  return [
    ...sources.flatMap((source) => sourceChecks(config, source, mesh)),
    ...routers.map(({ name }) => forwardingCheck(config, name, { mesh, visit })),
  ];
}

/** A flow and the probe that tries it. */
type Trial = { readonly flow: Flow; readonly probe: Probe };

function sourceChecks(config: PveConfig, source: Name, mesh: Mesh): readonly Check[] {
  const flows = config.flows.filter(({ from }) => from.name === source);
  const mtu = wholePacket(config);
  const everyone = flows.flatMap((flow) => [flow.from, flow.to, ...transitsOf(flow, config.guests)]);
  const about = {
    target: source,
    // A peer that has not booted yet would not answer either.
    after: met(everyone.map(({ name }) => name)),
    deadline: mesh.deadline,
  };
  const batch = mesh.from(source);
  const pings = flows.map((flow) => trial(mesh, flow));
  const whole = flows.map((flow) => ({
    flow,
    probe: batch.add(wholePingProbe(`mtu-${flow.to.name}-${flow.address}`, flow.address, mtu)),
  }));
  return [
    {
      ...about,
      id: "pve.l3",
      observe: async (signal) => {
        const lost = await silent(mesh, pings, signal);
        return lost.length === 0
          ? pass(say`reaches ${flows.length} of ${flows.length} peers`)
          : fail(say`does not reach ${list(lost.map(({ to }) => to.name))}`);
      },
    },
    {
      ...about,
      id: "pve.mtu",
      observe: async (signal) => {
        const lost = await silent(mesh, whole, signal);
        return lost.length === 0
          ? pass(say`reaches ${flows.length} of ${flows.length} peers with whole packets of ${mtu} bytes`)
          : fail(say`no whole packets of ${mtu} bytes to and from ${list(lost.map(({ to }) => to.name))}`);
      },
    },
  ];
}

/** The switch alone proves nothing: packets must come through. */
function forwardingCheck(config: PveConfig, router: Name, { mesh, visit }: Parts): Check {
  const flows = config.flows.filter((flow) =>
    transitsOf(flow, config.guests).some(({ name }) => name === router),
  );
  const everyone = flows.flatMap((flow) => [flow.from, flow.to, ...transitsOf(flow, config.guests)]);
  const trials = flows.map((flow) => trial(mesh, flow));
  return {
    id: "pve.forwarding",
    target: router,
    after: [`g.cloudinit@${router}`, ...met([router, ...everyone.map(({ name }) => name)])],
    deadline: mesh.deadline,
    observe: async (signal) => {
      if (!readForwarding(visit(router).greeted(forwardingProbe)))
        return fail(say`${router} does not pass packets on`);
      if (trials.length === 0) throw new Unreadable("no-expectation", `no flow leads through ${router}`);
      const lost = await silent(mesh, trials, signal);
      return lost.length === 0
        ? pass(say`${router} passes packets on, as ${trials.length} flows through it show`)
        : fail(say`of ${trials.length} flows through ${router}, ${lost.length} do not arrive`);
    },
  };
}

function trial(mesh: Mesh, flow: Flow): Trial {
  const probe = pingProbe(`ping-${flow.to.name}-${flow.address}`, flow.address);
  return { flow, probe: mesh.from(flow.from.name).add(probe) };
}

/** The flows that got no answer. */
async function silent(mesh: Mesh, trials: readonly Trial[], signal: AbortSignal): Promise<readonly Flow[]> {
  const answers = await Promise.all(
    trials.map(async ({ flow, probe }) => ({
      flow,
      answered: readPing(await mesh.from(flow.from.name).read(probe, signal)),
    })),
  );
  return answers.flatMap(({ flow, answered }) => (answered ? [] : [flow]));
}
