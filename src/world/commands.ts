// What a guest answers to a command: computed from the machine and the world.
import { arping } from "./commands/arping.ts";
import { cloudInit } from "./commands/cloudinit.ts";
import { curl } from "./commands/curl.ts";
import { cat, sha256sum } from "./commands/files.ts";
import { ip } from "./commands/ip.ts";
import { type Command, fails, type Output, prints, type Scene } from "./commands/output.ts";
import { ping } from "./commands/ping.ts";
import { routerctl, systemctl } from "./commands/routerctl.ts";
import { bash, mount, sh, sudo, timeout, unshare } from "./commands/shell.ts";
import { sysctl } from "./commands/sysctl.ts";
import { saved } from "./firewall.ts";
import type { Machine } from "./machine.ts";
import type { World } from "./world.ts";

/** Sorted. A name that is not here is unknown to the guest. */
const commands: Readonly<Record<string, Command>> = {
  arping,
  bash,
  cat,
  "cloud-init": cloudInit,
  curl,
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
  "iptables-save": ({ machine, root }, words) =>
    root && words.length === 0
      ? prints(saved(machine.system.firewall))
      : fails(
          1,
          "iptables-save v1.8.10 (nf_tables): Could not fetch rule set generation id: Permission denied\n",
        ),
  mount,
  ping,
  routerctl,
  sh,
  sha256sum,
  sudo,
  sysctl,
  systemctl,
  timeout,
  true: () => prints(""),
  unshare,
};

/** Runs one argument list on a machine, which must be alive to be asked. Unknown commands end with 127, as in a shell. */
export function execute(world: World, machine: Machine, argv: readonly string[]): Output {
  return run({ world, machine, root: false, mounts: new Map(), run }, argv);
}

/** The same as root, as a guest agent runs it. */
export function executeAsRoot(world: World, machine: Machine, argv: readonly string[]): Output {
  return run({ world, machine, root: true, mounts: new Map(), run }, argv);
}

function run(scene: Scene, argv: readonly string[]): Output {
  const [name = "", ...words] = argv;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  const output = command?.(scene, words) ?? fails(127, `sh: 1: ${name}: not found\n`);
  return spoilt(output, scene.world, `${scene.machine.substrate}/${scene.machine.label}`);
}

/** More than anybody takes from one command. */
const endless = 4 * 1024 * 1024;

/** The output as the faults `<substrate>/<label>/endless` and `…/garbled` leave it; exit codes stay. */
function spoilt(output: Output, world: World, where: string): Output {
  if (world.isBroken(`${where}/endless`)) return { ...output, stdout: "y\n".repeat(endless / 2) };
  if (!world.isBroken(`${where}/garbled`)) return output;
  return { ...output, stdout: `\u001b[2J\u001b]0;owned\u0007\u0000\ufffd${output.stdout}\u009b31m\u0007` };
}
