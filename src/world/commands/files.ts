// cat(1) of the files that a guest of the lab has.
import type { GuestSystem } from "../machine.ts";
import type { Command } from "./output.ts";

const files: Readonly<Record<string, (system: GuestSystem) => string>> = {
  "/etc/hostname": ({ hostname }) => hostname,
  "/etc/ssh/ssh_host_ed25519_key.pub": ({ hostKey, hostname }) => `${hostKey.publicKey} root@${hostname}`,
  "/proc/sys/kernel/hostname": ({ hostname }) => hostname,
  "/proc/sys/net/ipv4/ip_forward": ({ forwarding }) => (forwarding ? "1" : "0"),
  "/var/lib/cloud/data/instance-id": ({ instanceId }) => instanceId,
};

/** The text of a file on the guest's disk, or none. */
export function fileOf(system: GuestSystem, path: string): string | undefined {
  return Object.hasOwn(files, path) ? `${files[path]?.(system)}\n` : undefined;
}

/** Prints what is there, complains of what is not, and fails where anything was not. */
export const cat: Command = ({ machine }, paths) => {
  const found = paths.map((path) => ({ path, text: fileOf(machine.system, path) }));
  const missing = found.filter(({ text }) => text === undefined);
  return {
    exit: missing.length === 0 ? 0 : 1,
    stdout: found.map(({ text }) => text ?? "").join(""),
    stderr: missing.map(({ path }) => `cat: ${path}: No such file or directory\n`).join(""),
  };
};
