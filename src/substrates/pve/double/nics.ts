// A VM's network interfaces: the strings in its config.
import { randomBytes } from "node:crypto";
import { parseOptions, printOptions } from "./options.ts";
import { invalid } from "./refusal.ts";
import type { Setting } from "./state.ts";

/** One network interface of a VM. */
export type VmNic = {
  /** Its number in the config: `net<index>`. */
  readonly index: number;
  readonly mac: string;
  readonly bridge: string | undefined;
  readonly vlan: number | undefined;
  readonly firewall: boolean;
  readonly unplugged: boolean;
};

const models = ["virtio", "e1000", "e1000e", "rtl8139", "vmxnet3"];

/** Whether a key of a VM's config is a network interface. */
export function isNic(key: string): boolean {
  return /^net([0-9]|[12][0-9]|3[01])$/.test(key);
}

/** The string to keep for what a request asks for: `virtio=BC:24:…,bridge=vmbr1,firewall=1,tag=99`. */
export function plugged(key: string, text: string): string {
  const options = parseOptions(text, "model");
  const model = options.get("model") ?? models.find((model) => options.has(model));
  if (model === undefined || !models.includes(model))
    throw invalid({ [key]: "invalid format - a model is needed" });
  const mac = options.get(model) ?? options.get("macaddr") ?? newMac();
  for (const used of ["model", "macaddr", model]) options.delete(used);
  return `${model}=${mac.toUpperCase()}${printOptions(options, "model")}`;
}

/** The same interface with another address, as a clone gets it. */
export function withNewMac(text: string): string {
  return text.replace(/=([0-9A-F]{2}:){5}[0-9A-F]{2}/, `=${newMac()}`);
}

/** The interfaces in a config, by number. */
export function nicsOf(config: ReadonlyMap<string, Setting>): VmNic[] {
  const found = [...config].filter(([key]) => isNic(key)).map(([key, text]) => parseNic(key, String(text)));
  return found.sort((a, b) => a.index - b.index);
}

function parseNic(key: string, text: string): VmNic {
  const options = parseOptions(text, "model");
  const tag = options.get("tag");
  return {
    index: Number(key.slice("net".length)),
    mac: models.flatMap((model) => options.get(model) ?? [])[0] ?? "",
    bridge: options.get("bridge"),
    vlan: tag === undefined ? undefined : Number(tag),
    firewall: options.get("firewall") === "1",
    unplugged: options.get("link_down") === "1",
  };
}

/** In the range that PVE gives out (BC:24:11, Proxmox Server Solutions). */
function newMac(): string {
  return ["BC", "24", "11", ...(randomBytes(3).toString("hex").toUpperCase().match(/../g) ?? [])].join(":");
}
