// What can happen inside a guest behind everybody's back, by name, and how it is taken back.
import { generateHostKey } from "./hostkey.ts";
import type { Machine } from "./machine.ts";
import type { World } from "./world.ts";

const ways = {
  "agent-refuses-exec": ({ system }: Machine) => void system.agentRefuses.push("guest-exec"),
  "address-added": ({ system }: Machine) => {
    system.addresses.push({ nic: 0, name: "eth0", address: "198.51.100.7/24" });
  },
  "address-lost": ({ system }: Machine) => void system.addresses.pop(),
  "cloud-init-failed": ({ system }: Machine) => {
    system.cloudInit = {
      ...system.cloudInit,
      status: "error",
      errors: ["('runcmd', RuntimeError('failed'))"],
    };
  },
  "forwarding-off": ({ system }: Machine) => {
    system.forwarding = false;
  },
  "hostname-changed": ({ system }: Machine) => {
    system.hostname = "somebody-else";
  },
  "hostkey-changed": ({ system }: Machine) => {
    system.hostKey = generateHostKey();
  },
  "mtu-lowered": (machine: Machine) => {
    machine.system.mtus[machine.nics.length - 1] = 1400;
  },
  "seed-damaged": (machine: Machine) => {
    if (machine.medium !== undefined) machine.medium.damaged = true;
  },
  "seed-stale": (machine: Machine) => {
    machine.system.instanceId = "0000000000000000000000000000000000000000";
  },
  "user-data-changed": ({ system }: Machine) => {
    system.userData = `${system.userData}# changed by hand\n`;
  },
} as const satisfies Readonly<Record<string, (machine: Machine) => void>>;

/** What can be done to a guest. */
export type Meddling = keyof typeof ways;

/** All of it, by name. */
export const meddlings = Object.keys(ways).filter((word) => isMeddling(word));

/**
 * Changes a running guest and gives back the way to undo that, which leaves alone a guest that was booted anew since.
 * @param label the guest's, with its substrate before it where others may have it too: `<substrate>/<label>`
 * @throws TypeError where no such guest is running
 */
export function meddle(world: World, label: string, what: Meddling): () => void {
  const machine = [...world.machines.values()].find((one) =>
    [one.label, `${one.substrate}/${one.label}`].includes(label),
  );
  if (machine === undefined) throw new TypeError(`no guest ${label} is running`);
  const before = structuredClone(machine.system);
  const { medium } = machine;
  const damaged = medium?.damaged ?? false;
  ways[what](machine);
  return () => {
    if (world.machines.get(machine.id) === machine) Object.assign(machine.system, before);
    if (medium !== undefined) medium.damaged = damaged;
  };
}

function isMeddling(word: string): word is Meddling {
  return Object.hasOwn(ways, word);
}
