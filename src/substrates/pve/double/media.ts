// Cloud-init media: what PVE writes onto a VM's config drive, and which settings it has not written yet.
import type { Seed } from "../../../world/boot.ts";
import { mediaOf } from "./drives.ts";
import { nicsOf } from "./nics.ts";
import { parseOptions } from "./options.ts";
import { instanceIdOf, keysOf, renderFiles } from "./render.ts";
import { isCloudInit } from "./settings.ts";
import type { Cluster, Setting, Vm } from "./state.ts";

/** The account that the image sets up where none is named. */
const imageUser = "ubuntu";

/** PUT …/cloudinit, and every cold start: the medium is written anew from the settings of now. */
export function writeMedia(cluster: Cluster, vm: Vm): void {
  const volume = mediaOf(cluster, vm);
  if (volume === undefined) return;
  const medium = { label: "cidata", files: renderFiles(vm.config), damaged: false };
  volume.media = { seed: seedOf(vm.config), settings: told(vm.config), medium };
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

/** What a guest makes of the files. */
function seedOf(config: ReadonlyMap<string, Setting>): Seed {
  const text = (key: string) => String(config.get(key) ?? "");
  return {
    datasource: "nocloud",
    instanceId: instanceIdOf(config),
    hostname: text("name"),
    userData: renderFiles(config)["user-data"],
    users: { [text("ciuser") || imageUser]: keysOf(config) },
    nics: nicsOf(config).map(({ index }) => addressOf(text(`ipconfig${index}`))),
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
