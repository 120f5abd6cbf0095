// The files on a config drive, byte for byte as PVE writes them (qemu-server 03f2fba, PVE/QemuServer/Cloudinit.pm).
import { createHash } from "node:crypto";
import { nicsOf } from "./nics.ts";
import { parseOptions } from "./options.ts";
import type { Setting } from "./state.ts";

type Config = ReadonlyMap<string, Setting>;

/** The four files by name; the instance-id is the SHA-1 of user data and network config together. */
export function renderFiles(config: Config): Readonly<Record<string, string>> & { "user-data": string } {
  const [user, network] = [renderUser(config), renderNetwork(config)];
  return {
    "user-data": user,
    "network-config": network,
    "meta-data": `instance-id: ${instanceIdOf(config)}\n`,
    "vendor-data": "",
  };
}

/** `instance-id` of the meta-data. */
export function instanceIdOf(config: Config): string {
  return createHash("sha1")
    .update(renderUser(config) + renderNetwork(config))
    .digest("hex");
}

/** The public key lines in `sshkeys`. */
export function keysOf(config: Config): string[] {
  return decodeURIComponent(text(config, "sshkeys"))
    .split("\n")
    .filter((line) => line.trim() !== "");
}

/** cloudinit_userdata */
function renderUser(config: Config): string {
  const [hostname, domain, user] = [
    text(config, "name"),
    text(config, "searchdomain"),
    text(config, "ciuser"),
  ];
  const lines = [
    "#cloud-config",
    `hostname: ${hostname}`,
    "manage_etc_hosts: true",
    `fqdn: ${domain === "" ? hostname : `${hostname}.${domain}`}`,
    ...(user === "" ? [] : [`user: ${user}`]),
    ...(user === "root" ? ["disable_root: False"] : []),
    ...(config.has("sshkeys") ? ["ssh_authorized_keys:", ...keysOf(config).map((key) => `  - ${key}`)] : []),
    "chpasswd:",
    "  expire: False",
    ...(user === "root" ? [] : ["users:", "  - default"]),
    "package_upgrade: true",
  ];
  return joined(lines);
}

/** nocloud_network */
function renderNetwork(config: Config): string {
  const interfaces = nicsOf(config).flatMap(({ index, mac }) => {
    const ip = parseOptions(text(config, `ipconfig${index}`), "ip");
    if (ip.size === 0) return [];
    return [
      "    - type: physical",
      `      name: eth${index}`,
      `      mac_address: '${mac.toLowerCase()}'`,
      "      subnets:",
      ...subnet(ip.get("ip"), ip.get("gw")),
    ];
  });
  const [servers, domains] = ["nameserver", "searchdomain"].map((key) =>
    text(config, key)
      .split(/\s+/)
      .filter((word) => word !== ""),
  );
  const dns = ["    - type: nameserver", ...list("address", servers), ...list("search", domains)];
  return joined(["version: 1", "config:", ...interfaces, ...dns]);
}

function subnet(ip: string | undefined, gateway: string | undefined): string[] {
  if (ip === undefined) return [];
  if (ip === "dhcp") return ["      - type: dhcp4"];
  const [address = "", bits = "32"] = ip.split("/");
  return [
    "      - type: static",
    `        address: '${address}'`,
    `        netmask: '${netmask(Number(bits))}'`,
    ...(gateway === undefined ? [] : [`        gateway: '${gateway}'`]),
  ];
}

function list(key: string, words: readonly string[] = []): string[] {
  return words.length === 0 ? [] : [`      ${key}:`, ...words.map((word) => `      - '${word}'`)];
}

function netmask(bits: number): string {
  const mask = bits === 0 ? 0 : (-1 << (32 - bits)) >>> 0;
  return [24, 16, 8, 0].map((shift) => (mask >>> shift) & 255).join(".");
}

function text(config: Config, key: string): string {
  return String(config.get(key) ?? "");
}

function joined(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}
