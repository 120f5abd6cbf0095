// Commands that run other commands, as far as probes need them, and bash's way to open a connection.
import { isAddress } from "../address.ts";
import type { Medium } from "../medium.ts";
import { reach } from "../reachability.ts";
import { echoOf } from "../responder.ts";
import { type Command, fails, type Output, prints, type Scene } from "./output.ts";

/** `sudo -n COMMAND…` */
export const sudo: Command = (scene, [flag, ...argv]) =>
  flag === "-n" && argv.length > 0 && scene.machine.system.sudo
    ? scene.run({ ...scene, root: true }, argv)
    : fails(1, "sudo: a password is required\n");

/** `timeout SECONDS COMMAND…`: nothing in the lab takes any time. */
export const timeout: Command = (scene, [seconds = "", ...argv]) =>
  /^\d+$/.test(seconds) && argv.length > 0
    ? scene.run(scene, argv)
    : fails(125, `timeout: invalid time interval '${seconds}'\n`);

/** `unshare --mount COMMAND…`: what the command mounts is gone with it. */
export const unshare: Command = (scene, [flag, ...argv]) => {
  if (flag !== "--mount" || argv.length === 0) return fails(1, "unshare: bad usage\n");
  if (!scene.root) return fails(1, "unshare: unshare failed: Operation not permitted\n");
  return scene.run({ ...scene, mounts: new Map(scene.mounts) }, argv);
};

/** `sh -c "A && B"`: plain words and nothing else of a shell's language. */
export const sh: Command = (scene, [flag, script = "", ...rest]) => {
  if (flag !== "-c" || rest.length > 0 || !/^[A-Za-z0-9_./:=@%,+ &-]+$/.test(script))
    return fails(2, "sh: 1: Syntax error: unknown here\n");
  const mounts = new Map(scene.mounts);
  let all: Output = prints("");
  for (const words of script.split(" && ")) {
    const argv = words.split(" ").filter((word) => word !== "");
    const device = argv[0] === "mount" ? seedDevice(scene.machine.medium, argv) : undefined;
    const one = scene.run({ ...scene, mounts }, argv);
    all = { exit: one.exit, stdout: all.stdout + one.stdout, stderr: all.stderr + one.stderr };
    if (one.exit !== 0) return all;
    if (device !== undefined) mounts.set(argv.at(-1) ?? "", device);
  }
  return all;
};

/** `mount -o ro DEVICE FOLDER`, exit codes by mount(8). What it mounts is seen by the shell that called it. */
export const mount: Command = ({ machine, root }, words) => {
  const [flag, options, device = "", folder = "", ...rest] = words;
  if (flag !== "-o" || options !== "ro" || folder === "" || rest.length > 0)
    return fails(1, "mount: bad usage\n");
  if (!root) return fails(1, "mount: only root can do that\n");
  if (seedDevice(machine.medium, ["mount", ...words]) === undefined)
    return fails(32, `mount: ${folder}: special device ${device} does not exist.\n`);
  if (machine.medium?.damaged) return fails(32, `mount: ${folder}: can't read superblock on /dev/sr0.\n`);
  return prints("");
};

/** The medium, where its label is the one that is asked for. */
function seedDevice(medium: Medium | undefined, argv: readonly string[]): Medium | undefined {
  return argv.includes(`/dev/disk/by-label/${medium?.label}`) ? medium : undefined;
}

/**
 * `bash -c "</dev/tcp/HOST/PORT"`, and the way to send a datagram and read what comes back; where no answer comes they
 * would wait on, so the caller's limit ends them (124).
 */
export const bash: Command = (scene, [flag, script = "", ...rest]) => {
  const [, to = "", port = ""] = /^<\/dev\/tcp\/([^/]+)\/(\d+)$/.exec(script) ?? [];
  const datagram = datagramIn(script);
  if (flag === "-c" && rest.length === 0 && isAddress(to)) return openTcp(scene, to, Number(port));
  if (flag === "-c" && rest.length === 0 && datagram !== undefined) return sendUdp(scene, datagram);
  return fails(2, "bash: -c: line 1: syntax error: unknown here\n");
};

function openTcp({ world, machine }: Scene, to: string, port: number): Output {
  const { result } = reach(world, machine, { protocol: "tcp", to, port });
  if (result === "delivered") return prints("");
  if (result === "filtered") return fails(124, "");
  const reason = reasons[result];
  return fails(1, `bash: connect: ${reason}\nbash: line 1: /dev/tcp/${to}/${port}: ${reason}\n`);
}

type Datagram = { readonly to: string; readonly port: number; readonly text: string };

function datagramIn(script: string): Datagram | undefined {
  const shape =
    /^exec 3<>\/dev\/udp\/([\d.]+)\/(\d+); for i in 1 2 3; do printf %s (\w+) >&3; timeout 1 head -n1 <&3; e=\$\?; case \$e in 124\|143\) ;; \*\) exit \$e;; esac; done; exit 124$/;
  const [, to = "", port, text = ""] = shape.exec(script) ?? [];
  return isAddress(to) ? { to, port: Number(port), text } : undefined;
}

/** A datagram that nobody takes is told by ICMP, which the reading end gets as a refused connection. */
function sendUdp({ world, machine }: Scene, { to, port, text }: Datagram): Output {
  const verdict = reach(world, machine, { protocol: "udp", to, port });
  if (verdict.result === "delivered") return prints(echoOf(text, verdict.seen));
  if (verdict.result === "filtered") return fails(124, "");
  return fails(1, `head: error reading 'standard input': ${reasons[verdict.result]}\n`);
}

/** strerror's words, glibc. */
const reasons = {
  refused: "Connection refused",
  "no-route": "Network is unreachable",
  unreachable: "No route to host",
  prohibited: "No route to host",
  expired: "No route to host",
  "too-big": "Message too long",
} as const;
