// What is a management port, and what is anywhere.
import type { Opening } from "../src/substrates/policy.ts";

/** SSH, Telnet, RDP, VNC, WinRM, and the hypervisors' and consoles' own. */
const management = [22, 23, 3389, 5900, 5985, 5986, 8006, 8443, 9090];

/** A network of prefix length 7 or shorter is anywhere: two halves of the internet are all of it. */
const anywhere = /\/[0-7]$/;

/** Whether it lets anybody at a management port. */
export function isOpenToManagement(opening: Opening): boolean {
  return isAnywhere(opening.from) && portsIn(opening).length > 0;
}

/** `expected no way in from anywhere to port 22`. */
export function sayOpening(opening: Opening): string {
  return `expected no way in from anywhere (${opening.from ?? "no source"}) to port ${portsIn(opening).join(", ")}`;
}

function portsIn({ ports }: Opening): readonly number[] {
  const [first, last] = ports ?? [0, 65535];
  return management.filter((port) => first <= port && port <= last);
}

/** One address, a name or a list of a firewall's own is not anywhere. */
function isAnywhere(from: string | undefined): boolean {
  if (from === undefined || from === "") return true;
  return from.split(",").some((part) => anywhere.test(part.trim()) || isWide(part.trim()));
}

/** A range from one address to another whose first parts differ: more than any network of an environment. */
function isWide(part: string): boolean {
  const [, first, last] = /^([\da-f]*)[.:][\da-f.:]*-([\da-f]*)[.:]/i.exec(part) ?? [];
  return first !== last;
}
