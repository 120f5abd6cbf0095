// What the nodes' kernels make of the bridges, read over SSH; without that, what guests see of each other stands in.
import type { Check } from "../../../check/check.ts";
import { fail, list, type Outcome, pass, say } from "../../../check/outcome.ts";
import { persist } from "../../../check/poll.ts";
import { Unreadable } from "../../../check/unreadable.ts";
import { Batch } from "../../../probes/batch.ts";
import { HostKeyMismatch, openSession } from "../../../probes/transports/ssh.ts";
import type { PveConfig } from "../config.ts";
import { bridgeProbes, type LiveBridge, readBridge } from "../live.ts";
import type { Bridge, Guest } from "../topology.ts";
import { gate } from "./gates.ts";

/** For all tries, in ms. */
const deadline = 60_000;

/** How often a node is dialled: one lost packet is no reason to know nothing. */
const dialling = { passing: "timeout", tries: 3, first: 250, most: 1_000 } as const;

/** pve.bridges.live for each bridge. `closing`: where the sessions to the nodes are closed. */
export function liveChecks(config: PveConfig, closing: AsyncDisposableStack): readonly Check[] {
  const nodes = new Map(config.nodes.map((node) => [node, nodeBatch(config, node, closing)]));
  return config.bridges.map((bridge) => {
    const batch = nodes.get(bridge.node);
    return batch === undefined ? standIn(config, bridge) : liveCheck(bridge, batch);
  });
}

/** One session for all bridges of a node; none where there is no access to it. */
function nodeBatch(
  { nodeAccess, common }: PveConfig,
  node: Guest["node"],
  closing: AsyncDisposableStack,
): Batch | undefined {
  const access = nodeAccess?.hosts[node];
  if (nodeAccess === undefined || access === undefined) return undefined;
  const endpoint = { name: node, role: node, host: access.host, port: access.port, user: nodeAccess.user };
  const login = () =>
    openSession(endpoint, {
      privateKey: common.sshKey,
      jump: common.jump,
      connectTimeout: common.connectTimeout,
      verify: (shown) => shown === access.hostKey,
      signal: AbortSignal.timeout(common.connectTimeout),
    });
  return new Batch(async () => {
    const session = await persist(login, dialling, AbortSignal.timeout(deadline));
    // Nobody would close it any more.
    if (closing.disposed) await session[Symbol.asyncDispose]();
    else closing.use(session);
    return session;
  });
}

function liveCheck(bridge: Bridge, batch: Batch): Check {
  const probes = bridgeProbes(bridge.iface);
  for (const probe of Object.values(probes)) batch.add(probe);
  return {
    id: "pve.bridges.live",
    target: bridge.name,
    after: [gate],
    deadline,
    observe: async (signal) => {
      try {
        return judge(bridge, await readBridge(bridge, (probe) => batch.read(probe, signal)));
      } catch (error) {
        if (error instanceof HostKeyMismatch)
          return fail(say`${bridge.node} shows another host key than the pinned one`);
        throw error;
      }
    },
  };
}

function judge(bridge: Bridge, live: LiveBridge | undefined): Outcome {
  if (live === undefined) return fail(say`${bridge.name} does not exist on ${bridge.node}`);
  const wrong = [
    live.filtering ? [] : say`VLAN filtering`,
    live.up ? [] : say`being up`,
    live.mtu === bridge.mtu ? [] : say`MTU`,
    live.missingPorts === 0 ? [] : say`ports`,
    live.vlansAsDeclared ? [] : say`VLAN ids`,
  ].flat();
  return wrong.length === 0
    ? pass(say`the kernel of ${bridge.node} has ${bridge.name} as declared`)
    : fail(say`the kernel of ${bridge.node} differs for ${bridge.name} in ${list(wrong)}`);
}

/** Same tag passes, other tag does not: seen by guests on this bridge, on interfaces that also showed isolation. */
function standIn(config: PveConfig, bridge: Bridge): Check {
  const witnesses = config.guests.filter(({ name }) =>
    config.isolated.some(
      ({ from, nics }) =>
        from.name === name && nics.some((index) => from.nics[index]?.bridge.name === bridge.name),
    ),
  );
  return {
    id: "pve.bridges.live",
    target: bridge.name,
    after: [gate, ...witnesses.map(({ name }) => `pve.l2@${name}` as const)],
    deadline: 10_000,
    observe: async () => {
      if (witnesses.length > 0)
        return pass(
          say`without a login on ${bridge.node}, what ${witnesses.length} guests see on layer 2 stands in`,
        );
      throw new Unreadable("no-expectation", "neither a login on the node nor guests that show VLANs");
    },
  };
}
