// sysctl(8), reading only.

import type { GuestSystem } from "../machine.ts";
import { type Command, fails, type Output, prints } from "./output.ts";

const values: Readonly<Record<string, (system: GuestSystem) => string>> = {
  "kernel.hostname": ({ hostname }) => hostname,
  "net.ipv4.ip_forward": ({ forwarding }) => (forwarding ? "1" : "0"),
};

/** `sysctl -n KEY…`, one value a line. */
export const sysctl: Command = ({ machine }, [flag, ...keys]) => {
  if (flag !== "-n" || keys.length === 0) return fails(1, "sysctl: no variables specified\n");
  const read = keys.map((key) => readKey(machine.system, key));
  return {
    exit: read.some(({ exit }) => exit !== 0) ? 255 : 0,
    stdout: read.map(({ stdout }) => stdout).join(""),
    stderr: read.map(({ stderr }) => stderr).join(""),
  };
};

function readKey(system: GuestSystem, key: string): Output {
  const value = Object.hasOwn(values, key) ? values[key]?.(system) : undefined;
  if (value !== undefined) return prints(`${value}\n`);
  return fails(255, `sysctl: cannot stat /proc/sys/${key.replaceAll(".", "/")}: No such file or directory\n`);
}
