// What single keys of a PVE stack's config do not show: values that are each well formed and can not be true together.
import { Problem } from "../../environment/problem.ts";
import type { PveSection } from "./section.ts";
import { order } from "./version.ts";

/** Throws `Problem` for the first contradiction: nothing may be looked at, let alone made, by such a config. */
export function refuseContradictions(section: PveSection, origin: string): void {
  const { nodes, template, image, nodeAccess, versions, guests } = section;
  const known = (key: string, actual: string) => {
    const isKnown = nodes.some((node) => node === actual);
    demand(isKnown, { subject: `${origin} ${key}`, expected: "a node of pve:nodes", actual });
  };
  known("pve:template", template.node);
  if (image !== undefined) known("pve:image", image.node);
  for (const node of Object.keys(nodeAccess?.hosts ?? {})) known("pve:nodeAccess", node);
  demand(order(versions.from, versions.before) < 0, {
    subject: `${origin} pve:versions`,
    expected: "a release before which from lies",
    actual: versions.before,
  });
  for (const role of section.distinct)
    demand(
      Object.values(guests).some((guest) => guest.role === role),
      { subject: `${origin} pve:distinct`, expected: "the role of a guest", actual: role },
    );
  refuseShared(section, origin);
}

/** What must be everybody's own. */
function refuseShared({ bridges, guests, template }: PveSection, origin: string): void {
  const interfaces = Object.entries(bridges).map(
    ([name, { node, iface }]) => [name, `${node}:${iface}`] as const,
  );
  const vmIds = Object.entries(guests).map(([name, { vmId }]) => [name, `${vmId}`] as const);
  const addresses = Object.entries(guests).flatMap(([name, { nics }]) =>
    nics.map(({ vlan, address }) => ({ name, vlan, host: address.replace(/\/.*$/, "") })),
  );
  refuseTwice(interfaces, { key: `${origin} pve:bridges`, expected: "an interface of its own" });
  refuseTwice([["the template", `${template.vmId}`], ...vmIds], {
    key: `${origin} pve:guests`,
    expected: "a vmId of its own",
  });
  for (const vlan of new Set(addresses.map((one) => one.vlan)))
    refuseTwice(
      addresses.filter((one) => one.vlan === vlan).map(({ name, host }) => [name, host]),
      { key: `${origin} pve:guests`, expected: `an address of its own in VLAN ${vlan}` },
    );
}

type Told = { readonly key: string; readonly expected: string };

function refuseTwice(
  owned: readonly (readonly [owner: string, value: string])[],
  { key, expected }: Told,
): void {
  const owners = new Map<string, string>();
  for (const [owner, value] of owned) {
    const other = owners.get(value);
    const subject = `${key}.${owner}`;
    demand(other === undefined, { subject, expected, actual: `that of ${other}` });
    owners.set(value, owner);
  }
}

function demand(
  holds: boolean,
  told: { readonly subject: string; readonly expected: string; readonly actual: string },
): void {
  if (!holds) throw new Problem({ ...told, remedy: "correct the stack config" });
}
