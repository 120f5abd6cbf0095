// Whether the API reaches every node: one endpoint passes requests on to the node that they are about.
import type { Check } from "../../../check/check.ts";
import { fail, type Outcome, pass, say } from "../../../check/outcome.ts";
import { poll } from "../../../check/poll.ts";
import type { Name } from "../../../environment/name.ts";
import type { Seen } from "../../seen.ts";
import { type Api, PveError } from "../api.ts";
import type { PveConfig } from "../config.ts";
import { nodeStatus } from "../models.ts";
import { gate, isHealthy } from "./gates.ts";

/** pve.proxy for each node. */
export function proxyChecks(config: PveConfig, api: Api, seen: Seen): readonly Check[] {
  return config.nodes.map((node) => ({
    id: "pve.proxy",
    target: node,
    after: [gate],
    deadline: 60_000,
    observe: async (signal) => {
      const { release, tries } = await askNode(api, node, signal);
      seen.note(`release of ${node}`, release);
      return judge(config, { node, release, tries });
    },
  }));
}

type Told = { readonly node: Name; readonly release: string; readonly tries: number };

/** A proxy that is just restarting answers so for a moment. */
const mostTries = 3;

/** Through the one endpoint; what its proxy could not pass on is asked again before it is believed. */
async function askNode(api: Api, node: Name, signal: AbortSignal): Promise<Omit<Told, "node">> {
  let tried = 0;
  const attempt = async () => {
    tried += 1;
    try {
      return await api.get(`/nodes/${node}/status`, nodeStatus, signal);
    } catch (error) {
      if (tried < mostTries && isOfProxy(error)) return undefined;
      throw error;
    }
  };
  const { value, tries } = await poll(attempt, { first: 500, most: 2_000 }, signal);
  return { release: value.pveversion, tries };
}

/** 595 to 599 are AnyEvent::HTTP's own, for a node that could not be asked. */
function isOfProxy(error: unknown): boolean {
  return error instanceof PveError && error.status >= 595;
}

function judge(config: PveConfig, { node, release, tries }: Told): Outcome {
  return isHealthy(config, release)
    ? pass(say`${node} answers through the API (tries: ${tries})`)
    : fail(say`${node} runs a release outside the configured range`);
}
