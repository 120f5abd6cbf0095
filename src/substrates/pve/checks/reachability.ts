// Whether guests reach each other as the topology's flows say, asked from inside them.
import type { Check } from "../../../check/check.ts";
import { fail, list, type Outcome, pass, say } from "../../../check/outcome.ts";
import { Unreadable } from "../../../check/unreadable.ts";
import type { Name } from "../../../environment/name.ts";
import type { Visit } from "../../../probes/guest.ts";
import { pingProbe } from "../../../probes/readers/ping.ts";
import type { Flow } from "../topology.ts";

/** pve.l3 for each guest that flows begin at: one batch tries all its peers side by side. */
export function reachabilityChecks(flows: readonly Flow[], visit: (name: Name) => Visit): readonly Check[] {
  const sources = [...new Set(flows.map(({ from }) => from.name))];
  return sources.map((source) => {
    const own = flows.filter(({ from }) => from.name === source);
    const everyone = new Set(own.flatMap(({ from, to }) => [from.name, to.name]));
    return {
      id: "pve.l3",
      target: source,
      // A peer that has not booted yet would not answer either.
      after: [...everyone].map((name) => `g.ssh@${name}` as const),
      deadline: 30_000,
      observe: (signal) => tryFlows(own, visit(source), signal),
    };
  });
}

async function tryFlows(flows: readonly Flow[], visit: Visit, signal: AbortSignal): Promise<Outcome> {
  const probes = flows.map(({ address }, index) => pingProbe(`ping-${index}`, address));
  const readings = await visit.run(probes, signal);
  const silent = flows.filter((_, index) => {
    const reading = readings.get(`ping-${index}`);
    // 0: all replies, 1: some missing (iputils ping(8)); 2 is an error of ping itself, such as no route.
    if (reading === undefined || ![0, 1, 2].includes(reading.exit))
      throw new Unreadable("unparsable", "ping's exit code");
    return reading.exit !== 0;
  });
  return silent.length === 0
    ? pass(say`reaches ${flows.length} of ${flows.length} peers`)
    : fail(say`does not reach ${list(silent.map(({ to }) => to.name))}`);
}
