// What guests find on the wire: their neighbours and nobody else's, and firewalls that let through what they should.
import type { Check } from "../../../check/check.ts";
import { fail, list, type Outcome, pass, say } from "../../../check/outcome.ts";
import { Unreadable } from "../../../check/unreadable.ts";
import {
  neighbourProbe,
  readNeighbour,
  readStranger,
  strangerProbe,
} from "../../../probes/readers/arping.ts";
import { type Port, readTcp, tcpProbe } from "../../../probes/readers/tcp.ts";
import type { Probe } from "../../../probes/transport.ts";
import type { PveConfig } from "../config.ts";
import { type Neighbour, neighboursOf } from "../paths.ts";
import type { Guest } from "../topology.ts";
import { type Mesh, met } from "./mesh.ts";

/** pve.l2 for each guest, g.tcp for each behind a firewall. */
export function wireChecks(config: PveConfig, mesh: Mesh): readonly Check[] {
  const guarded = config.guests.filter(({ nics }) => nics.some(({ firewall }) => firewall));
  return [
    ...config.guests.map((guest) => neighbourCheck(config, guest, mesh)),
    ...guarded.map((guest) => firewallCheck(config, guest, mesh)),
  ];
}

type Asked<T> = T & { readonly nic: number; readonly peer: Guest; readonly probe: Probe };

function neighbourCheck(config: PveConfig, guest: Guest, mesh: Mesh): Check {
  const batch = mesh.from(guest.name);
  const neighbours = neighboursOf(guest, config.guests).map((one) => ({
    ...one,
    probe: batch.add(neighbourProbe(`arp-${one.peer.name}-${one.address}`, question(one))),
  }));
  const strangers = config.isolated
    .filter(({ from }) => from.name === guest.name)
    .flatMap(({ to, address, nics }) => nics.map((nic) => ({ nic, peer: to, address })))
    .map((one) => ({
      ...one,
      probe: batch.add(strangerProbe(`stranger-${one.nic}-${one.peer.name}-${one.address}`, question(one))),
    }));
  const everyone = [...neighbours, ...strangers].map(({ peer }) => peer.name);
  return {
    id: "pve.l2",
    target: guest.name,
    after: met([guest.name, ...everyone]),
    deadline: mesh.deadline,
    observe: async (signal) => {
      mesh.demandRoot(guest.name);
      if (neighbours.length === 0) throw new Unreadable("no-expectation", `${guest.name} has no neighbours`);
      const read = async <T>(one: Asked<T>) => ({ ...one, reading: await batch.read(one.probe, signal) });
      const [near, far] = await Promise.all([
        Promise.all(neighbours.map(read)),
        Promise.all(strangers.map(read)),
      ]);
      const heard = near.filter(({ reading }) => readNeighbour(reading));
      const seen = far.filter(({ reading }) => readStranger(reading));
      return judge({ near, heard, far, seen });
    },
  };
}

/** Interfaces are named by what PVE's network config makes of them (qemu-server, Cloudinit.pm: nocloud_network). */
function question({ nic, address }: Pick<Neighbour, "nic" | "address">) {
  return { device: `eth${nic}`, address };
}

type Tried = readonly Pick<Neighbour, "nic" | "peer">[];

function judge({ near, heard, far, seen }: Record<"near" | "heard" | "far" | "seen", Tried>): Outcome {
  if (seen.length > 0) return fail(say`sees on layer 2 what it must not: ${list(namesOf(seen))}`);
  const mute = near.filter((one) => !heard.includes(one));
  if (mute.length > 0) return fail(say`does not see on layer 2: ${list(namesOf(mute))}`);
  // Silence on an interface that nobody ever answered on proves nothing.
  if (far.some(({ nic }) => !heard.some((one) => one.nic === nic)))
    throw new Unreadable("no-expectation", "an interface without neighbours can not show isolation");
  return pass(
    say`sees ${near.length} of ${near.length} neighbours on layer 2, and none of ${far.length} that it must not`,
  );
}

function namesOf(tried: Tried) {
  return [...new Set(tried.map(({ peer }) => peer.name))];
}

const ssh = 22;

/** From a neighbour on the firewalled network: SSH must open, and a port that no rule names must stay silent. */
function firewallCheck(config: PveConfig, guest: Guest, mesh: Mesh): Check {
  const way = config.guests
    .filter(({ name }) => name !== guest.name)
    .flatMap((source) => neighboursOf(source, config.guests).map((to) => ({ source, ...to })))
    .find(({ peer, address }) => peer.name === guest.name && isGuarded(guest, address));
  const closed = config.firewall.input === "DROP" ? unnamedPort(config) : undefined;
  const about = { id: "g.tcp", target: guest.name, deadline: mesh.deadline } as const;
  if (way === undefined) return { ...about, after: met([guest.name]), observe: noWitness };
  const batch = mesh.from(way.source.name);
  const add = (port: number) =>
    batch.add(tcpProbe(`tcp-${guest.name}-${port}`, { address: way.address, port }));
  const [open, shut] = [add(ssh), closed === undefined ? undefined : add(closed)];
  return {
    ...about,
    after: met([guest.name, way.source.name]),
    observe: async (signal) => {
      const read = async (probe: Probe) => readTcp(await batch.read(probe, signal));
      const [opened, shown] = [await read(open), shut === undefined ? undefined : await read(shut)];
      return judgePorts(guest, { opened, shown });
    },
  };
}

async function noWitness(): Promise<Outcome> {
  throw new Unreadable("no-expectation", "no other guest is on the firewalled network");
}

function isGuarded({ nics }: Guest, address: string): boolean {
  return nics.some((nic) => nic.firewall && nic.address.startsWith(`${address}/`));
}

/** A port that no rule lets in. A range or name counts as naming all. */
function unnamedPort({ firewall }: PveConfig): number | undefined {
  const open = firewall.rules.filter(({ action, proto }) => action === "ACCEPT" && proto === "tcp");
  const named = open.map(({ dport }) => dport ?? "all");
  const all = named.some((dport) => !/^\d+(,\d+)*$/.test(dport));
  const taken = new Set(named.flatMap((dport) => dport.split(",")));
  return all ? undefined : [9, 13, 19].find((port) => !taken.has(`${port}`));
}

function judgePorts({ name }: Guest, { opened, shown }: { opened: Port; shown: Port | undefined }): Outcome {
  if (opened !== "open") return fail(say`${name} does not take SSH connections from its neighbour`);
  if (shown === undefined) return pass(say`${name} takes SSH connections; nothing is to be held back`);
  return shown === "silent"
    ? pass(say`${name} takes SSH connections, and its firewall holds back what no rule lets in`)
    : fail(say`the firewall of ${name} lets through what no rule lets in`);
}
