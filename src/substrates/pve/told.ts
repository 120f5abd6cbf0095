// What a guest is to be told by its config drive: PVE's own rendering of its settings, held to the declaration.
import { Unreadable } from "../../check/unreadable.ts";
import { publicKeyOf } from "../../probes/key.ts";
import type { Api } from "./api.ts";
import { pathOf } from "./checks/machines.ts";
import type { PveConfig } from "./config.ts";
import { dumped, vmConfig } from "./models.ts";
import type { Guest } from "./topology.ts";

/** The files as they should be on the medium, and their instance-id. */
export type Told = {
  readonly files: Readonly<Record<"user-data" | "network-config" | "meta-data", string>>;
  readonly instanceId: string;
  /** How many declared facts are not in them. */
  readonly undeclared: number;
};

/**
 * `…/cloudinit/dump` renders the settings with the very code that writes the drive, so it stays right whatever the
 * release; it would ignore snippets (`cicustom`), which nothing here declares. What it gives must name every declared
 * fact: hostname, login, key, addresses, gateways, name servers (qemu-server, PVE/QemuServer/Cloudinit.pm).
 */
export async function readTold(
  config: PveConfig,
  guest: Guest,
  { api, signal }: { readonly api: Pick<Api, "get">; readonly signal: AbortSignal },
): Promise<Told> {
  const path = pathOf(guest);
  const dump = (type: string) => api.get(`${path}/cloudinit/dump?type=${type}`, dumped, signal);
  const [user, network, meta, settings] = await Promise.all([
    ...[dump("user"), dump("network"), dump("meta")],
    api.get(`${path}/config?current=1`, vmConfig, signal),
  ] as const);
  const [, instanceId] = /^instance-id: (\S+)$/m.exec(meta) ?? [];
  if (instanceId === undefined) throw new Unreadable("unparsable", "cloudinit/dump?type=meta");
  const missing = [
    ...factsOfUser(config, guest).filter((fact) => !names(user, fact)),
    ...factsOfNetwork(config, guest).filter((fact) => !names(network, fact)),
  ];
  const custom = settings.cicustom === undefined ? 0 : 1;
  const files = { "user-data": user, "network-config": network, "meta-data": meta };
  return { files, instanceId, undeclared: missing.length + custom };
}

function factsOfUser({ user, domain, common }: PveConfig, { name }: Guest): readonly string[] {
  return [`hostname: ${name}`, `fqdn: ${name}.${domain}`, `user: ${user}`, publicKeyOf(common.sshKey)];
}

function factsOfNetwork({ nameservers }: PveConfig, { nics }: Guest): readonly string[] {
  const addresses = nics.flatMap(({ address, gateway }) => [address.replace(/\/.*/, ""), gateway ?? []]);
  return [...addresses.flat(), ...nameservers];
}

/** As whole words, however they are quoted. */
function names(text: string, fact: string): boolean {
  const lines = text.split("\n").map((line) => line.replaceAll(/['"]/g, ""));
  return lines.some((line) => line === fact || line.endsWith(` ${fact}`));
}
