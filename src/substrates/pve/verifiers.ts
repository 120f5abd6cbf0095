// Which checks verify a declared resource: a repair of it counts only when these passed afterwards.
import type { CheckKey } from "../../check/key.ts";
import type { PveConfig } from "./config.ts";
import type { Guest } from "./topology.ts";

/** The checks that cover a resource of the program, by its logical name. */
export function verifiers(config: PveConfig, resource: string): readonly CheckKey[] {
  const bridge = config.bridges.find(({ name }) => name === resource);
  if (bridge !== undefined) return [`pve.bridges.config@${bridge.name}`, "pve.drift"];
  const guest = config.guests.find(({ name }) =>
    [name, `${name}-firewall`, `${name}-rules`].includes(resource),
  );
  if (guest !== undefined) return [...ofGuest(config, guest), "pve.drift"];
  return resource === "template" ? ["pve.template", "pve.drift"] : ["pve.drift"];
}

function ofGuest({ flows }: PveConfig, { name }: Guest): readonly CheckKey[] {
  return [
    `pve.qga.enabled@${name}`,
    `pve.qga.responsive@${name}`,
    `pve.ci.attached@${name}`,
    `g.ssh@${name}`,
    `g.cloudinit@${name}`,
    `g.hostname@${name}`,
    ...(flows.some(({ from }) => from.name === name) ? [`pve.l3@${name}` as const] : []),
  ];
}
