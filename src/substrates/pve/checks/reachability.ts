// Whether guests reach each other as the topology's flows say, asked from inside them.
import type { Check } from "../../../check/check.ts";
import { fail, list, type Outcome, pass, say } from "../../../check/outcome.ts";
import { Unreadable } from "../../../check/unreadable.ts";
import type { Name } from "../../../environment/name.ts";
import type { Visit } from "../../../probes/guest.ts";
import { pingProbe } from "../../../probes/readers/ping.ts";
import type { Flow, Guest, Topology } from "../topology.ts";

/** pve.l3 for each guest that flows begin at: one batch tries all its peers side by side. */
export function reachabilityChecks(
  { flows, guests }: Pick<Topology, "flows" | "guests">,
  visit: (name: Name) => Visit,
): readonly Check[] {
  const routers = routersAmong(guests);
  const sources = [...new Set(flows.map(({ from }) => from.name))];
  return sources.map((source) => {
    const own = flows.filter(({ from }) => from.name === source);
    const everyone = new Set([...own.flatMap(({ from, to }) => [from.name, to.name]), ...routers]);
    return {
      id: "pve.l3",
      target: source,
      // A peer or a router that has not booted yet would not answer either.
      after: [...everyone].map((name) => `g.ssh@${name}` as const),
      deadline: 30_000,
      observe: (signal) => tryFlows(own, visit(source), signal),
    };
  });
}

/** The guests that others send their traffic through. */
function routersAmong(guests: readonly Guest[]): readonly Name[] {
  const gateways = new Set(guests.flatMap(({ nics }) => nics.map(({ gateway }) => gateway)));
  const routes = ({ nics }: Guest) => nics.some(({ address }) => gateways.has(address.split("/")[0]));
  return guests.filter(routes).map(({ name }) => name);
}

async function tryFlows(flows: readonly Flow[], visit: Visit, signal: AbortSignal): Promise<Outcome> {
  const probes = flows.map(({ address }, index) => pingProbe(`ping-${index}`, address));
  const readings = await visit.run(probes, signal);
  const silent = flows.filter((_, index) => {
    const reading = readings.get(`ping-${index}`);
    // 0: all replies, 1: some missing (iputils ping(8)); 2: ping could not try, which only without a route is an answer.
    const tried = reading?.exit === 2 ? /unreachable/i.test(reading.stderr) : true;
    if (reading === undefined || ![0, 1, 2].includes(reading.exit) || !tried)
      throw new Unreadable("unparsable", "ping's exit code");
    return reading.exit !== 0;
  });
  return silent.length === 0
    ? pass(say`reaches ${flows.length} of ${flows.length} peers`)
    : fail(say`does not reach ${list(silent.map(({ to }) => to.name))}`);
}
