// What a guest answers to a command: computed from the machine and the world.
import { cloudInit } from "./commands/cloudinit.ts";
import { cat } from "./commands/files.ts";
import { ip } from "./commands/ip.ts";
import { type Command, fails, type Output, prints } from "./commands/output.ts";
import { ping } from "./commands/ping.ts";
import { sysctl } from "./commands/sysctl.ts";
import type { Machine } from "./machine.ts";
import type { World } from "./world.ts";

/** Sorted. A name that is not here is unknown to the guest. */
const commands: Readonly<Record<string, Command>> = {
  cat,
  "cloud-init": cloudInit,
  echo: (_, words) => prints(`${words.join(" ")}\n`),
  false: () => fails(1, ""),
  hostname: ({ machine }, words) =>
    words.length === 0
      ? prints(`${machine.system.hostname}\n`)
      : fails(1, "hostname: you must be root to change the host name\n"),
  hostnamectl: ({ machine }, words) =>
    words.join(" ") === "--static"
      ? prints(`${machine.system.hostname}\n`)
      : fails(1, `Unknown command verb '${words[0] ?? ""}'.\n`),
  ip,
  ping,
  sysctl,
  true: () => prints(""),
};

/** Runs one argument list on a machine, which must be alive to be asked. Unknown commands end with 127, as in a shell. */
export function execute(world: World, machine: Machine, argv: readonly string[]): Output {
  const [name = "", ...words] = argv;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  return command?.({ world, machine }, words) ?? fails(127, `sh: 1: ${name}: not found\n`);
}
