// Cloud-init media: what PVE writes onto a VM's config drive, and which settings it has not written yet.
import type { Seed } from "../../../world/boot.ts";
import { digestOf } from "./digest.ts";
import { mediaOf } from "./drives.ts";
import { nicsOf } from "./nics.ts";
import { parseOptions } from "./options.ts";
import { isCloudInit } from "./settings.ts";
import type { Cluster, Setting, Vm } from "./state.ts";

/** The account that the image sets up where none is named. */
const imageUser = "ubuntu";

/** PUT …/cloudinit, and every cold start: the medium is written anew from the settings of now. */
export function writeMedia(cluster: Cluster, vm: Vm): void {
  const volume = mediaOf(cluster, vm);
  if (volume === undefined) return;
  volume.media = { seed: seedOf(vm.config), settings: told(vm.config) };
}

/** GET …/cloudinit: what the medium was written from, and where the settings of now differ. */
export function mediaPending(cluster: Cluster, vm: Vm): Record<string, unknown>[] {
  const [written, wanted] = [
    mediaOf(cluster, vm)?.media?.settings ?? new Map<string, string>(),
    told(vm.config),
  ];
  const keys = [...new Set([...written.keys(), ...wanted.keys()])].sort();
  return keys.map((key) => {
    const [value, pending] = [written.get(key), wanted.get(key)];
    return {
      key,
      ...(value !== undefined && { value }),
      ...(pending !== undefined && pending !== value && { pending }),
      ...(pending === undefined && { delete: 1 }),
    };
  });
}

/**
 * The instance-id is the SHA-1 of user data and network config (qemu-server, Cloudinit.pm), here of what these would
 * be made from: another name, account, key, address or MAC address makes another instance.
 */
function seedOf(config: ReadonlyMap<string, Setting>): Seed {
  const text = (key: string) => String(config.get(key) ?? "");
  const user = text("ciuser") || imageUser;
  const keys = decodeURIComponent(text("sshkeys"))
    .split("\n")
    .filter((line) => line.trim() !== "");
  const nics = nicsOf(config).map(({ index }) => addressOf(text(`ipconfig${index}`)));
  const userData = { hostname: text("name"), domain: text("searchdomain"), user, keys };
  const networkConfig = { nics, macs: nicsOf(config).map(({ mac }) => mac), dns: text("nameserver") };
  return {
    datasource: "nocloud",
    instanceId: digestOf([userData, networkConfig]),
    hostname: text("name"),
    users: { [user]: keys },
    nics,
  };
}

/** DHCP leaves an interface unconfigured: nobody in the lab hands out leases. */
function addressOf(text: string): { address?: string; gateway?: string } {
  const options = parseOptions(text, "ip");
  const [address, gateway] = [options.get("ip"), options.get("gw")];
  if (address === undefined || !address.includes("/")) return {};
  return { address, ...(gateway !== undefined && { gateway }) };
}

function told(config: ReadonlyMap<string, Setting>): Map<string, string> {
  return new Map(
    [...config].flatMap(([key, value]) => (isCloudInit(key) ? [[key, String(value)] as const] : [])),
  );
}
