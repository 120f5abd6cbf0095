// cat(1) and sha256sum(1) of the files that a guest of the lab has.
import { createHash } from "node:crypto";
import type { GuestSystem, Machine } from "../machine.ts";
import type { Command, Scene } from "./output.ts";

const files: Readonly<Record<string, (system: GuestSystem) => string>> = {
  "/etc/hostname": ({ hostname }) => hostname,
  "/etc/ssh/ssh_host_ed25519_key.pub": ({ hostKey, hostname }) => `${hostKey.publicKey} root@${hostname}`,
  "/proc/sys/kernel/hostname": ({ hostname }) => hostname,
  "/proc/sys/net/ipv4/ip_forward": ({ forwarding }) => (forwarding ? "1" : "0"),
  "/var/lib/cloud/data/instance-id": ({ instanceId }) => instanceId,
};

/** What only root may read; without a line's end of their own. */
const guarded: typeof files = {
  "/var/lib/cloud/instance/user-data.txt": ({ userData }) => userData,
};

/** What the kernel makes up anew at each boot: proc_sys_kernel(5). */
const booted: Readonly<Record<string, (machine: Machine) => string>> = {
  "/proc/sys/kernel/random/boot_id": ({ id, startedAt }) => {
    const hex = createHash("sha256").update(`${id} ${startedAt}`).digest("hex");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
  },
};

/** The text of a file on the guest's disk, or none. */
export function fileOf(system: GuestSystem, path: string): string | undefined {
  if (Object.hasOwn(files, path)) return `${files[path]?.(system)}\n`;
  const made = Object.hasOwn(system.files ?? {}, path) ? system.files?.[path] : undefined;
  return made === undefined ? undefined : made.replace(/\n?$/, "\n");
}

/** Prints what is there, complains of what is not, and fails where anything was not. */
export const cat: Command = (scene, paths) => report("cat", scene, { paths, print: (text) => text });

/** One line for each file: digest, two blanks, name. */
export const sha256sum: Command = (scene, paths) => {
  const digest = (text: string) => createHash("sha256").update(text).digest("hex");
  return report("sha256sum", scene, { paths, print: (text, path) => `${digest(text)}  ${path}\n` });
};

type Reading = {
  readonly paths: readonly string[];
  readonly print: (text: string, path: string) => string;
};

function report(command: string, scene: Scene, { paths, print }: Reading) {
  const found = paths.map((path) => ({ path, ...read(scene, path) }));
  const failed = found.filter(({ text }) => text === undefined);
  return {
    exit: failed.length === 0 ? 0 : 1,
    stdout: found.map(({ text, path }) => (text === undefined ? "" : print(text, path))).join(""),
    stderr: failed.map(({ path, complaint }) => `${command}: ${path}: ${complaint}\n`).join(""),
  };
}

function read(scene: Scene, path: string): { text?: string; complaint?: string } {
  const { system } = scene.machine;
  if (Object.hasOwn(booted, path)) return { text: `${booted[path]?.(scene.machine)}\n` };
  const open = fileOf(system, path);
  if (open !== undefined) return { text: open };
  if (Object.hasOwn(guarded, path))
    return scene.root ? { text: guarded[path]?.(system) ?? "" } : { complaint: "Permission denied" };
  const [, folder = "", name = ""] = /^(.*)\/([^/]+)$/.exec(path) ?? [];
  const mounted = scene.mounts.get(folder)?.files;
  const text = mounted !== undefined && Object.hasOwn(mounted, name) ? mounted[name] : undefined;
  return text === undefined ? { complaint: "No such file or directory" } : { text };
}
