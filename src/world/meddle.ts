// What can happen inside a guest behind everybody's back, by name, and how it is taken back.
import { addressOf } from "./address.ts";
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
  "firewall-shut": ({ system }: Machine) => {
    const ssh = { action: "accept", protocol: "tcp", port: 22 } as const;
    const input = [ssh, { action: "reject", protocol: "any" } as const];
    system.firewall = { input, forward: system.firewall?.forward ?? [] };
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
  "routerd-action-failed": ({ system }: Machine) => {
    const action = { id: 1, provider: "lab", action: "assign-secondary-ip", status: "failed" as const };
    system.routerd?.actions.push(action);
  },
  "routerd-pool-conflict": ({ system, nics }: Machine, world: World) => {
    const shared = new Set(nics.map(({ segment }) => segment));
    const peers = [...world.machines.values()].filter((one) => one.system !== system && one.system.routerd);
    const near = peers.find((one) => one.nics.some(({ segment }) => shared.has(segment)));
    const claimed = near?.system.addresses.at(-1)?.address;
    if (claimed !== undefined) system.routerd?.claims.push(addressOf(claimed));
  },
  "routerd-removed": ({ system }: Machine) => {
    delete system.routerd;
  },
  "routerd-stopped": ({ system }: Machine) => {
    if (system.routerd !== undefined) system.routerd.unit = "inactive";
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
} as const satisfies Readonly<Record<string, (machine: Machine, world: World) => void>>;

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
  ways[what](machine, world);
  return () => {
    if (world.machines.get(machine.id) === machine) {
      delete machine.system.firewall;
      Object.assign(machine.system, before);
    }
    if (medium !== undefined) medium.damaged = damaged;
  };
}

function isMeddling(word: string): word is Meddling {
  return Object.hasOwn(ways, word);
}
