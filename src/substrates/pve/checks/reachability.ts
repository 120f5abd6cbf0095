// Whether guests reach each other over routes as the topology's flows say, asked from inside them.
import type { Check } from "../../../check/check.ts";
import { blocked, fail, list, pass, say } from "../../../check/outcome.ts";
import { Unreadable } from "../../../check/unreadable.ts";
import type { Name } from "../../../environment/name.ts";
import type { Visit } from "../../../probes/guest.ts";
import { forwardingProbe, readForwarding } from "../../../probes/readers/forwarding.ts";
import { pingProbe, readPing, wholePingProbe } from "../../../probes/readers/ping.ts";
import type { Probe } from "../../../probes/transport.ts";
import type { PveConfig } from "../config.ts";
import { transitsOf } from "../paths.ts";
import { type Flow, wholePacket } from "../topology.ts";
import { judgeOwnAddresses } from "./inside.ts";
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
  const flows = config.flows.filter((flow) => wayOf(flow, config).routers.includes(router));
  const everyone = flows.flatMap((flow) => wayOf(flow, config).all);
  const trials = flows.map((flow) => trial(mesh, flow));
  const switchedOn = (name: Name) => readForwarding(visit(name).greeted(forwardingProbe));
  const addressed = (name: Name) => judgeOwnAddresses(config, name, visit).result === "pass";
  return {
    id: "pve.forwarding",
    target: router,
    after: [`g.cloudinit@${router}`, ...met([router, ...everyone])],
    deadline: mesh.deadline,
    observe: async (signal) => {
      if (!switchedOn(router)) return fail(say`${router} does not pass packets on`);
      if (trials.length === 0) throw new Unreadable("no-expectation", `no flow leads through ${router}`);
      const lost = await silent(mesh, trials, signal);
      if (lost.length === 0)
        return pass(say`${router} passes packets on, as ${trials.length} flows through it show`);
      // Whoever else on the way loses packets leaves nothing to be told of this one.
      const ways = lost.map((flow) => wayOf(flow, config));
      const others = new Set([
        ...ways.flatMap(({ routers }) => routers.filter((name) => !switchedOn(name))),
        ...ways.flatMap(({ all }) => all.filter((name) => name !== router && !addressed(name))),
      ]);
      return others.size === 0
        ? fail(say`of ${trials.length} flows through ${router}, ${lost.length} do not arrive`)
        : blocked(say`flows through ${router} are lost, which may be for ${list([...others])}`);
    },
  };
}

/** Whom a flow leads through, and all that take part in it. */
function wayOf(flow: Flow, { guests }: PveConfig) {
  const routers = transitsOf(flow, guests).map(({ name }) => name);
  return { routers, all: [flow.from.name, ...routers, flow.to.name] };
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
