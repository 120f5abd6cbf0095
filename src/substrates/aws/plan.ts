// The plan of an AWS certification: gates, what EC2 tells, then what only the guests themselves can tell.
import type { Check } from "../../check/check.ts";
import { Chorus, type Power } from "../../check/chorus.ts";
import { Unreadable } from "../../check/unreadable.ts";
import { guestChecks } from "../../probes/guest.ts";
import { publicKeyOf } from "../../probes/key.ts";
import { GuestMesh } from "../../probes/mesh.ts";
import { prefixOf } from "../../world/address.ts";
import { flowChecks } from "../cloud/checks/flows.ts";
import { cloudGreeting, insideChecks } from "../cloud/checks/inside.ts";
import { type CloudGuest, cloudEndpoints } from "../cloud/topology.ts";
import { digestOf, userDataOf } from "../cloud/userdata.ts";
import type { Seen } from "../seen.ts";
import type { Sight } from "../substrate.ts";
import { capacityChecks } from "./checks/capacity.ts";
import { gate, gateChecks } from "./checks/gates.ts";
import { awsGuestChecks } from "./checks/guests.ts";
import { networkChecks } from "./checks/network.ts";
import { scopeChecks } from "./checks/scope.ts";
import type { AwsConfig } from "./config.ts";
import { Scene } from "./scene.ts";

/** All checks of an AWS substrate, gates first. */
export function planAws(config: AwsConfig, sight: Sight, seen: Seen): readonly Check[] {
  const scene = new Scene(config, sight, seen);
  const names = config.guests.map(({ name }) => name);
  const guests = guestChecks({
    endpoints: cloudEndpoints(config.guests, config.user),
    access: config.common,
    chorus: new Chorus(names),
    after: () => [gate],
    expected: ({ name }) => expectationOf(scene, guestNamed(config, name)),
    greeting: cloudGreeting,
    closing: sight.closing,
  });
  const { visit } = guests;
  const mesh = new GuestMesh(names, visit);
  const deadline = config.common.bootDeadline + 120_000;
  return [
    ...gateChecks(scene),
    ...capacityChecks(scene),
    ...networkChecks(scene),
    ...scopeChecks(scene),
    ...guests.checks,
    ...insideChecks(config.guests, {
      visit,
      bits: prefixOf(config.network.subnet),
      digest: (guest) => digestOf(userDataOf(guest, config.responders)),
      instance: async (guest, signal) => (await scene.instance(guest, signal))?.id,
    }),
    ...awsGuestChecks(scene, { visit, mesh, deadline }),
    ...flowChecks(config.flows, {
      mesh,
      ids: { works: "aws.eastwest", shut: "aws.negative" },
      publicAddress: async (guest, signal) => (await scene.address(guest, signal))?.publicIp,
      deadline,
    }),
  ];
}

function guestNamed({ guests }: AwsConfig, endpoint: string): CloudGuest {
  const found = guests.find(({ name }) => name === endpoint);
  if (found === undefined) throw new TypeError(`${endpoint} is not a guest`);
  return found;
}

function expectationOf(scene: Scene, guest: CloudGuest) {
  return {
    hostname: guest.name,
    // The second where the first stage has found it already, without a network.
    datasource: ["ec2", "ec2local"],
    bootDeadline: scene.config.common.bootDeadline,
    host: (signal: AbortSignal) => hostOf(scene, guest, signal),
    hostKey: async () => publicKeyOf(guest.hostKey),
    power: (signal: AbortSignal) => powerOf(scene, guest, signal),
  };
}

async function hostOf(scene: Scene, guest: CloudGuest, signal: AbortSignal): Promise<string> {
  const address = await scene.address(guest, signal);
  if (address === undefined) throw new Unreadable("no-expectation", `no public address of ${guest.name}`);
  return address.publicIp;
}

/** Since its last start. */
async function powerOf(scene: Scene, guest: CloudGuest, signal: AbortSignal): Promise<Power> {
  const instance = await scene.instance(guest, signal);
  if (instance === undefined) return { running: false, uptime: 0 };
  const running = instance.instanceState === "running";
  return { running, uptime: Date.now() - Date.parse(instance.launchTime) };
}
