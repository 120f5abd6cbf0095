// A VM's state as a read finds it: what was never declared on a clone is not looked at, as the plugin does it.
import type { Properties } from "../../../../double.ts";
import { type Config, drivesOf, isSeed, optionsOf, sizeOf } from "./config.ts";
import { isObject } from "./defaults.ts";
import { seedOf } from "./seed.ts";

/** What a read knows besides the configuration. */
export type Seen = {
  readonly config: Config;
  readonly node: string;
  readonly id: number;
  readonly running: boolean;
  /** Of each disk that has a volume, by interface: its format in the datastore. */
  readonly formats: ReadonlyMap<string, string>;
  readonly pool: string;
};

const keepsDefault: Readonly<Record<string, unknown>> = {
  acpi: true,
  bios: "seabios",
  description: "",
  keyboardLayout: "en-us",
  name: "",
  protection: false,
  tabletDevice: true,
  template: false,
};

/** The outputs, except addresses, that replace the known ones; undefined where something is gone. */
export function stateOf(seen: Seen, known: Properties): Properties {
  const clone = isObject(known.clone);
  const declared = (key: string) =>
    !clone || isObject(known[key]) || (Array.isArray(known[key]) && known[key].length > 0);
  return {
    ...known,
    ...primitives(seen, known, clone),
    id: String(seen.id),
    vmId: seen.id,
    nodeName: seen.node,
    started: known.template === true ? known.started : seen.running,
    onBoot: seen.config.onboot ?? false,
    bootOrders: optionsOf(seen.config.boot ?? "", "order").order?.split(";"),
    poolId: seen.pool,
    tags: declared("tags") ? (seen.config.tags ?? "").split(";").filter(Boolean).toSorted() : [],
    agent: declared("agent") ? agentOf(seen.config, known.agent) : undefined,
    cdrom: declared("cdrom") ? cdromOf(seen.config, known.cdrom) : undefined,
    cpu: declared("cpu") ? cpuOf(seen.config) : undefined,
    memory: declared("memory") ? memoryOf(seen.config) : undefined,
    operatingSystem: declared("operatingSystem") ? { type: seen.config.ostype ?? "" } : undefined,
    serialDevices: declared("serialDevices") ? serialsOf(seen.config) : [],
    initialization: declared("initialization")
      ? seedOf(seen, clone ? known.initialization : undefined)
      : undefined,
    disks: declared("disks") ? disksOf(seen, known.disks) : [],
    ...nicsOf(seen.config),
  };
}

// On a clone, what was not declared otherwise than the default is not read back.
function primitives({ config }: Seen, known: Properties, clone: boolean): Properties {
  const found: Properties = {
    acpi: config.acpi,
    bios: config.bios,
    description: config.description,
    keyboardLayout: config.keyboard,
    name: config.name,
    protection: config.protection,
    tabletDevice: config.tablet,
    template: config.template,
  };
  const entries = Object.entries(keepsDefault).map(([key, standard]) => {
    const unseen = clone && (known[key] ?? standard) === standard;
    return [key, unseen ? standard : (found[key] ?? standard)];
  });
  const scsi = clone && known.scsiHardware === "virtio-scsi-pci" ? undefined : config.scsihw;
  return { ...Object.fromEntries(entries), scsiHardware: scsi ?? known.scsiHardware ?? "virtio-scsi-pci" };
}

function agentOf(config: Config, known: unknown): Properties | undefined {
  if (config.agent === undefined) return undefined;
  const options = optionsOf(config.agent, "enabled");
  const before = isObject(known) ? known : {};
  return {
    enabled: options.enabled === "1",
    trim: options.fstrim_cloned_disks === "1",
    type: options.type ?? "virtio",
    timeout: before.timeout ?? "15m",
    waitForIp: before.waitForIp ?? undefined,
  };
}

function cdromOf(config: Config, known: unknown): Properties | undefined {
  const before = isObject(known) ? known : {};
  const at = typeof before.interface === "string" ? before.interface : "ide3";
  const drive = drivesOf(config).get(at);
  if (drive === undefined) return undefined;
  return { enabled: false, interface: at, fileId: before.fileId === "" ? "" : drive.volume };
}

function cpuOf(config: Config): Properties {
  const { type = "qemu64", flags = "" } = optionsOf(config.cpu ?? "", "type");
  return {
    affinity: "",
    architecture: "",
    cores: config.cores ?? 1,
    flags: flags.split(";").filter(Boolean),
    hotplugged: 0,
    limit: 0,
    numa: config.numa ?? false,
    sockets: config.sockets ?? 1,
    type,
    units: 0,
  };
}

function memoryOf(config: Config): Properties {
  return {
    dedicated: config.memory ?? 0,
    floating: config.balloon ?? 0,
    hugepages: "",
    keepHugepages: false,
    shared: 0,
  };
}

function serialsOf(config: Config): Properties[] {
  const last = [3, 2, 1, 0].find((index) => config[`serial${index}`] !== undefined) ?? -1;
  return Array.from({ length: last + 1 }, (_, index) => ({ device: config[`serial${index}`] ?? "" }));
}

function disksOf({ config, id, formats }: Seen, known: unknown): Properties[] {
  const before = Array.isArray(known) ? known.filter(isObject) : [];
  const order = before.map((disk) => disk.interface);
  const disks = [...drivesOf(config)].filter(
    ([, { volume, options }]) => volume !== "none" && options.media !== "cdrom" && !isSeed(volume, id),
  );
  const rank = (at: string) => (order.includes(at) ? order.indexOf(at) : order.length);
  return disks
    .toSorted(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map(([at, { volume, options }]) => {
      const old = before.find((disk) => disk.interface === at);
      const [datastoreId, pathInDatastore] = volume.split(":");
      return {
        interface: at,
        datastoreId,
        pathInDatastore,
        fileFormat: options.format ?? formats.get(at) ?? "",
        fileId: "",
        importFrom: old?.importFrom ?? "",
        size: sizeOf({ volume, options }) || (old?.size ?? 0),
        aio: options.aio ?? "io_uring",
        backup: options.backup !== "0",
        cache: options.cache ?? "none",
        discard: options.discard ?? "ignore",
        iothread: options.iothread === "1",
        queues: 0,
        replicate: options.replicate !== "0",
        serial: "",
        ssd: options.ssd === "1",
      };
    });
}

// A gap in the numbering leaves no gap in the list.
function nicsOf(config: Config): Properties {
  const slots = Object.keys(config).flatMap((key) => (/^net\d+$/.test(key) ? [Number(key.slice(3))] : []));
  const nics = slots.toSorted((a, b) => a - b).map((slot) => nicOf(String(config[`net${slot}`])));
  return { networkDevices: nics, macAddresses: nics.map(({ macAddress }) => macAddress) };
}

const models = ["virtio", "e1000", "e1000e", "rtl8139", "vmxnet3"] as const;

function nicOf(text: string): Properties {
  const options = optionsOf(text, "model");
  const model = options.model ?? models.find((each) => options[each] !== undefined) ?? "";
  return {
    bridge: options.bridge ?? "",
    disconnected: options.link_down === "1",
    enabled: true,
    firewall: options.firewall === "1",
    macAddress: (options.macaddr ?? options[model] ?? "").toUpperCase(),
    model,
    mtu: Number(options.mtu ?? 0),
    queues: Number(options.queues ?? 0),
    rateLimit: Number(options.rate ?? 0),
    trunks: options.trunks ?? "",
    vlanId: Number(options.tag ?? 0),
  };
}
