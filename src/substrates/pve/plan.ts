// The plan of a PVE certification: gates, hosts, machines, then what only the guests themselves can tell.
import type { Check } from "../../check/check.ts";
import { Chorus } from "../../check/chorus.ts";
import { guestChecks } from "../../probes/guest.ts";
import type { Seen } from "../seen.ts";
import type { Sight } from "../substrate.ts";
import { type Api, openApi } from "./api.ts";
import { agentChecks } from "./checks/agent.ts";
import { whileEntitled } from "./checks/entitled.ts";
import { firewallChecks } from "./checks/firewall.ts";
import { gate, gateChecks } from "./checks/gates.ts";
import { hostChecks } from "./checks/hosts.ts";
import { insideChecks, insideGreeting } from "./checks/inside.ts";
import { liveChecks } from "./checks/live.ts";
import { machineChecks, powerOf } from "./checks/machines.ts";
import { Mesh } from "./checks/mesh.ts";
import { proxyChecks } from "./checks/proxy.ts";
import { reachabilityChecks, reachabilityGreeting } from "./checks/reachability.ts";
import { scopeChecks } from "./checks/scope.ts";
import { stateChecks } from "./checks/state.ts";
import { storageChecks } from "./checks/storage.ts";
import { waitingChecks } from "./checks/waiting.ts";
import { wireChecks } from "./checks/wire.ts";
import type { PveConfig } from "./config.ts";
import { ownsHostKey } from "./hostkey.ts";
import { endpointsOf, type Guest } from "./topology.ts";

/** All checks of a PVE substrate, gates first. */
export function planPve(config: PveConfig, sight: Sight, seen: Seen): readonly Check[] {
  const api = sight.closing.use(openApi(config));
  const names = config.guests.map(({ name }) => name);
  const guests = guestChecks({
    endpoints: endpointsOf(config.guests, config.user),
    access: config.common,
    chorus: new Chorus(names),
    after: () => [gate],
    expected: (endpoint) => expectationOf(config, guestNamed(config, endpoint.name), { api, sight }),
    greeting: [...insideGreeting, ...reachabilityGreeting],
    met: sight.hostKeys.met,
    closing: sight.closing,
  });
  const { visit } = guests;
  const mesh = new Mesh(config, visit);
  return [
    ...gateChecks(config, api, { seen, repair: sight.repair }),
    ...whileEntitled(config, api, [
      ...hostChecks(config, api, { sight, seen }),
      ...proxyChecks(config, api, seen),
      ...storageChecks(config, api, seen),
      ...waitingChecks(config, api),
      ...scopeChecks(config, api, sight.run),
      ...stateChecks(config, api),
      ...firewallChecks(config, api, seen),
      ...machineChecks(config, api, { agents: new Chorus(names), seen }),
      ...agentChecks(config, api),
    ]),
    ...guests.checks,
    ...insideChecks(config, { api, visit }),
    ...reachabilityChecks(config, { mesh, visit }),
    ...wireChecks(config, mesh),
    ...liveChecks(config, sight.closing),
  ];
}

function guestNamed(config: PveConfig, endpoint: string): Guest {
  const found = config.guests.find(({ name }) => name === endpoint);
  if (found === undefined) throw new TypeError(`${endpoint} is not a guest`);
  return found;
}

function expectationOf(config: PveConfig, guest: Guest, { api, sight }: { api: Api; sight: Sight }) {
  return {
    hostname: guest.name,
    datasource: "nocloud",
    bootDeadline: config.common.bootDeadline,
    // In half of the time that the whole login has: an agent that hangs must not pass for a silent guest.
    owns: (shown: string, signal: AbortSignal) =>
      ownsHostKey(
        { guest, shown },
        { api, ...sight },
        AbortSignal.any([signal, AbortSignal.timeout(config.common.connectTimeout / 2)]),
      ),
    power: (signal: AbortSignal) => powerOf(api, guest, signal),
  };
}
