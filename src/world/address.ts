// Arithmetic on IPv4 addresses.
import type { Cidr } from "./machine.ts";

/** The address of `10.0.0.1/24` without its prefix length. */
export function addressOf(cidr: Cidr): string {
  return cidr.split("/")[0] ?? cidr;
}

/** Whether `10.0.0.1/24` is this address; asked for every interface of every host on a packet's way. */
export function isAt(cidr: Cidr, address: string): boolean {
  return cidr.startsWith(address) && (cidr.length === address.length || cidr[address.length] === "/");
}

/** The prefix length; 32 where none is written. */
export function prefixOf(cidr: Cidr): number {
  return Number(cidr.split("/")[1] ?? 32);
}

/** The network that an interface address is in: `10.0.0.1/24` → `10.0.0.0/24`. */
export function networkOf(cidr: Cidr): Cidr {
  const bits = prefixOf(cidr);
  return `${textOf((numberOf(addressOf(cidr)) & maskOf(bits)) >>> 0)}/${bits}`;
}

/** The last address of the network. */
export function broadcastOf(cidr: Cidr): string {
  return textOf((numberOf(addressOf(cidr)) | ~maskOf(prefixOf(cidr))) >>> 0);
}

/** Whether an address lies in a network. */
export function contains(network: Cidr, address: string): boolean {
  const mask = maskOf(prefixOf(network));
  return (numberOf(addressOf(network)) & mask) === (numberOf(address) & mask);
}

/** Whether text is a dotted IPv4 address. */
export function isAddress(text: string): boolean {
  const bytes = text.split(".");
  return bytes.length === 4 && bytes.every((byte) => /^\d{1,3}$/.test(byte) && Number(byte) < 256);
}

function numberOf(address: string): number {
  if (!isAddress(address)) throw new TypeError(`${JSON.stringify(address)} is no IPv4 address`);
  return address.split(".").reduce((sum, byte) => ((sum << 8) | Number(byte)) >>> 0, 0);
}

function maskOf(bits: number): number {
  return bits === 0 ? 0 : -1 << (32 - bits);
}

function textOf(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
}
