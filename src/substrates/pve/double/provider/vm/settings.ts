// A declared VM as fields of PVE's VM configuration.
import type { Fields } from "../rest.ts";
import type { Vm } from "./model.ts";

const gib = 1_073_741_824;
const maxNics = 32;
const maxSerials = 4;

/** `agent` */
export function agentFields({ agent }: Vm): Fields {
  const { enabled, trim, type } = agent ?? { enabled: false, trim: false, type: "virtio" };
  return { agent: `enabled=${Number(enabled)},fstrim_cloned_disks=${Number(trim)},type=${type}` };
}

/** `cores`, `sockets`, `cpu`, `numa` */
export function cpuFields({ cpu }: Vm): Fields {
  const { cores, sockets, type, numa, flags } = cpu ?? {
    cores: 1,
    sockets: 1,
    type: "qemu64",
    numa: false,
    flags: [],
  };
  return {
    cores,
    sockets,
    numa: Number(numa),
    cpu: flags.length > 0 ? `${type},flags=${flags.join(";")}` : type,
  };
}

/** `memory`, `balloon`, in MiB */
export function memoryFields({ memory }: Vm): Fields {
  return { memory: memory?.dedicated ?? 512, balloon: memory?.floating ?? 0 };
}

/** The CD drive, by its interface. */
export function cdromFields({ cdrom }: Vm): Fields {
  return cdrom ? { [cdrom.interface]: `file=${cdrom.fileId || "cdrom"},media=cdrom,` } : {};
}

/** `net0` … */
export function nicFields({ networkDevices }: Vm): Fields {
  const fields = networkDevices.map((nic, index) => {
    const options = [
      `model=${nic.model}`,
      `bridge=${nic.bridge}`,
      `firewall=${Number(nic.firewall)}`,
      nic.disconnected ? "link_down=1" : "",
      nic.macAddress ? `macaddr=${nic.macAddress}` : "",
      nic.mtu > 0 ? `mtu=${nic.mtu}` : "",
      nic.vlanId > 0 ? `tag=${nic.vlanId}` : "",
    ];
    return [`net${index}`, options.filter(Boolean).join(",")];
  });
  return Object.fromEntries(fields);
}

/** `serial0` … */
export function serialFields({ serialDevices }: Vm): Fields {
  return Object.fromEntries(serialDevices.map(({ device }, index) => [`serial${index}`, device]));
}

/** What a clone must lose of its template: the NICs and serial ports beyond the declared ones. */
export function surplus({ networkDevices, serialDevices }: Vm): string[] {
  const nics =
    networkDevices.length > 0 ? range(networkDevices.length, maxNics).map((index) => `net${index}`) : [];
  const serials =
    serialDevices.length > 0 ? range(serialDevices.length, maxSerials).map((index) => `serial${index}`) : [];
  return [...nics, ...serials];
}

/** `tags`, sorted as PVE keeps them. */
export function tagFields({ tags }: Vm): Fields {
  return { tags: tags.toSorted().join(";") };
}

/** cloud-init's settings; the drive is separate. */
export function seedFields({ initialization }: Vm): Fields {
  if (!initialization) return {};
  const { dns, ipConfigs, type, userAccount } = initialization;
  const addresses = ipConfigs.flatMap(({ ipv4, ipv6 }, index) => {
    const options = [
      ipv4?.gateway ? `gw=${ipv4.gateway}` : "",
      ipv6?.gateway ? `gw6=${ipv6.gateway}` : "",
      ipv4?.address ? `ip=${ipv4.address}` : "",
      ipv6?.address ? `ip6=${ipv6.address}` : "",
    ];
    const text = options.filter(Boolean).join(",");
    return text === "" ? [] : [[`ipconfig${index}`, text]];
  });
  return {
    citype: type || undefined,
    ciuser: userAccount?.username || undefined,
    cipassword: userAccount?.password || undefined,
    sshkeys: userAccount && userAccount.keys.length > 0 ? escapeKeys(userAccount.keys) : undefined,
    nameserver: dns && dns.servers.length > 0 ? dns.servers.join(" ") : undefined,
    searchdomain: dns?.domain || undefined,
    ...Object.fromEntries(addresses),
  };
}

/** The cloud-init drive, to be made by PVE. */
export function seedDriveFields({ initialization }: Vm, at: string): Fields {
  return initialization ? { [at]: `file=${initialization.datastoreId}:cloudinit,` } : {};
}

/** One disk: a volume that exists, or one to be made. The size is in bytes and left out where it must not change. */
export function diskField(
  disk: Vm["disks"][number],
  of: { volume: string; bytes?: number | undefined },
): string {
  const options = [
    `file=${of.volume}`,
    disk.importFrom && of.volume.endsWith(":0") ? `import-from=${disk.importFrom}` : "",
    of.bytes === undefined ? "" : `size=${of.bytes}`,
    `aio=${disk.aio}`,
    `backup=${Number(disk.backup)}`,
    `iothread=${Number(disk.iothread)}`,
    // Virtio disks have no such option.
    disk.interface.startsWith("virtio") ? "" : `ssd=${Number(disk.ssd)}`,
    `discard=${disk.discard}`,
    `cache=${disk.cache}`,
    `replicate=${Number(disk.replicate)}`,
  ];
  return options.filter(Boolean).join(",");
}

/** GiB as the bytes that go over the wire. */
export function bytesOf(size: number): number {
  return size * gib;
}

// Percent-encoded inside the form field, as PVE wants it.
function escapeKeys(keys: readonly string[]): string {
  return encodeURIComponent(keys.join("\n")).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(to - from, 0) }, (_, index) => from + index);
}
