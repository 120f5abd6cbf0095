// Which checks verify a declared resource: a repair of it counts only when these passed afterwards.
import type { CheckKey } from "../../check/key.ts";
import type { PveConfig } from "./config.ts";
import type { Guest } from "./topology.ts";

/** The checks that cover a resource of the program, by its logical name. */
export function verifiers(config: PveConfig, resource: string): readonly CheckKey[] {
  const bridge = config.bridges.find(({ name }) => name === resource);
  if (bridge !== undefined)
    return [
      `pve.bridges.config@${bridge.name}`,
      `pve.bridges.pending@${bridge.node}`,
      `pve.bridges.live@${bridge.name}`,
      "pve.drift",
    ];
  const guest = config.guests.find(({ name }) =>
    [name, `${name}-firewall`, `${name}-rules`].includes(resource),
  );
  if (guest !== undefined) return [...ofGuest(config, guest), "pve.drift"];
  if (resource === "template") return ["pve.template", "pve.inventory", "pve.drift"];
  return resource === "image" ? ["pve.baseimage", "pve.drift"] : ["pve.drift"];
}

function ofGuest({ flows, forwarding }: PveConfig, { name, role, nics }: Guest): readonly CheckKey[] {
  return [
    `pve.vm.state@${name}`,
    "pve.placement",
    "pve.inventory",
    `pve.fw@${name}`,
    `pve.qga.enabled@${name}`,
    `pve.qga.responsive@${name}`,
    `pve.qga.exec@${name}`,
    `pve.ci.attached@${name}`,
    `pve.ci.pending@${name}`,
    `pve.ci.readable@${name}`,
    `pve.ci.fresh@${name}`,
    `g.ssh@${name}`,
    `g.cloudinit@${name}`,
    `g.hostname@${name}`,
    `g.addr@${name}`,
    `g.userdata@${name}`,
    `g.instanceid@${name}`,
    `pve.l2@${name}`,
    ...(nics.some(({ firewall }) => firewall) ? ([`g.tcp@${name}`] as const) : []),
    ...(forwarding.includes(role) ? ([`pve.forwarding@${name}`] as const) : []),
    ...(flows.some(({ from }) => from.name === name) ? ([`pve.l3@${name}`, `pve.mtu@${name}`] as const) : []),
  ];
}
