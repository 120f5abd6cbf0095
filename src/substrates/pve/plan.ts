// The plan of a PVE certification: gates, hosts, machines, then what only the guests themselves can tell.
import type { Check } from "../../check/check.ts";
import { Chorus } from "../../check/chorus.ts";
import { guestChecks } from "../../probes/guest.ts";
import type { Sight } from "../substrate.ts";
import { type Api, openApi } from "./api.ts";
import { gate, gateChecks } from "./checks/gates.ts";
import { hostChecks } from "./checks/hosts.ts";
import { machineChecks, powerOf } from "./checks/machines.ts";
import { reachabilityChecks } from "./checks/reachability.ts";
import type { PveConfig } from "./config.ts";
import { expectedHostKey } from "./hostkey.ts";
import type { Seen } from "./seen.ts";
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
    closing: sight.closing,
  });
  return [
    ...gateChecks(config, api, seen),
    ...hostChecks(config, api, { sight, seen }),
    ...machineChecks(config, api, { agents: new Chorus(names), seen }),
    ...guests.checks,
    ...reachabilityChecks(config, guests.visit),
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
    hostKey: (signal: AbortSignal) => expectedHostKey(guest, { api, ...sight }, signal),
    power: (signal: AbortSignal) => powerOf(api, guest, signal),
  };
}
