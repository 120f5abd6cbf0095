// cloud-init as a VM's configuration has it, as the `initialization` block.
import type { Properties } from "../../../../double.ts";
import { type Config, drivesOf, optionsOf, seedInterface } from "./config.ts";
import { isObject } from "./defaults.ts";

/**
 * The `initialization` block; none where nothing of it is configured.
 * @param known what was declared on a clone, whose other parts are not looked at; undefined for all
 */
export function seedOf(
  { config, id }: { readonly config: Config; readonly id: number },
  known: unknown,
): Properties | undefined {
  const wanted = (key: string) => !isObject(known) || says(known[key]);
  const at = seedInterface(config, id);
  const account =
    config.sshkeys !== undefined || config.ciuser !== undefined || config.cipassword !== undefined;
  const dns = config.searchdomain !== undefined || config.nameserver !== undefined;
  const addresses = ipConfigsOf(config);
  if (at === undefined && !account && !dns && addresses.length === 0 && config.citype === undefined)
    return undefined;
  return {
    interface: at,
    datastoreId: at === undefined ? undefined : drivesOf(config).get(at)?.volume.split(":")[0],
    fileFormat: "",
    type: config.citype ?? "",
    upgrade: config.ciupgrade ?? true,
    dns:
      dns && wanted("dns")
        ? { domain: config.searchdomain ?? "", servers: config.nameserver?.split(" ") ?? [] }
        : undefined,
    ipConfigs: wanted("ipConfigs") ? addresses : [],
    userAccount:
      account && wanted("userAccount")
        ? { keys: keysOf(config), password: config.cipassword ?? "", username: config.ciuser ?? "" }
        : undefined,
    userDataFileId: "",
    vendorDataFileId: "",
    networkDataFileId: "",
    metaDataFileId: "",
  };
}

function ipConfigsOf(config: Config): Properties[] {
  const last = Math.max(
    -1,
    ...Object.keys(config).flatMap((key) => (/^ipconfig\d+$/.test(key) ? [Number(key.slice(8))] : [])),
  );
  return Array.from({ length: last + 1 }, (_, index) => {
    const text = config[`ipconfig${index}`];
    const { ip, gw, ip6, gw6 } = optionsOf(typeof text === "string" ? text : "", "ip");
    return {
      ipv4: ip || gw ? { address: ip ?? "", gateway: gw ?? "" } : null,
      ipv6: ip6 || gw6 ? { address: ip6 ?? "", gateway: gw6 ?? "" } : null,
    };
  });
}

function keysOf(config: Config): string[] {
  return decodeURIComponent(config.sshkeys ?? "")
    .split("\n")
    .map((key) => key.trim())
    .filter(Boolean);
}

function says(value: unknown): boolean {
  return isObject(value) || (Array.isArray(value) && value.length > 0);
}
