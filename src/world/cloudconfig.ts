// What cloud-init does with the user data that a new instance was given, as far as ours asks for anything.
import { createHash } from "node:crypto";
import { load } from "js-yaml";
import { z } from "zod";
import { newRouterd } from "./boot.ts";
import { inserted } from "./firewall.ts";
import { publicHalf } from "./hostkey.ts";
import type { GuestSystem } from "./machine.ts";
import { responderText, socketsOf } from "./responder.ts";

/** The modules that the lab knows; cloud-init has many more (cloudinit.readthedocs.io, modules). */
const model = z.strictObject({
  hostname: z.string().optional(),
  ssh_deletekeys: z.boolean().optional(),
  ssh_keys: z.strictObject({ ed25519_private: z.string(), ed25519_public: z.string() }).optional(),
  write_files: z
    .array(z.strictObject({ path: z.string(), permissions: z.string().optional(), content: z.string() }))
    .default([]),
  runcmd: z.array(z.array(z.string()).min(1)).default([]),
});

/**
 * Does to a fresh instance what its user data says. What the lab does not know is an error that cloud-init shows, as a
 * command that fails is.
 */
export function configure(system: GuestSystem): void {
  try {
    if (system.userData !== "") apply(system, parseUserData(system.userData));
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    system.cloudInit = { ...system.cloudInit, status: "error", errors: [text] };
  }
}

function parseUserData(text: string): z.infer<typeof model> {
  if (!text.startsWith("#cloud-config\n")) throw new TypeError("Unhandled non-multipart userdata");
  return model.parse(load(text));
}

function apply(system: GuestSystem, config: z.infer<typeof model>): void {
  system.hostname = config.hostname ?? system.hostname;
  const privateKey = config.ssh_keys?.ed25519_private;
  if (privateKey !== undefined) system.hostKey = { privateKey, publicKey: publicHalf(privateKey) };
  system.files = Object.fromEntries(config.write_files.map(({ path, content }) => [path, content]));
  for (const argv of config.runcmd) run(system, argv);
}

/** The few commands that user data of ours runs, as root. */
function run(system: GuestSystem, argv: readonly string[]): void {
  const line = argv.join(" ");
  const unit = /^systemctl enable --now ([\w-]+\.service)$/.exec(line)?.[1];
  const digest = /^sh -c mkdir -p [\w/-]+ && sha256sum (\S+) > (\S+)$/.exec(line);
  if (line === "sysctl --system") setSwitches(system);
  else if (argv[0] === "iptables") insertRule(system, argv.slice(1));
  // The lab's disks keep everything.
  else if (line === "netfilter-persistent save" && system.firewall !== undefined) return;
  else if (unit !== undefined) start(system, unit);
  else if (digest !== null) noteDigest(system, digest[1] ?? "", digest[2] ?? "");
  else throw new TypeError(`('scripts_user', RuntimeError('${argv[0]}: unknown in the lab'))`);
}

/** procps reads all of /etc/sysctl.d. */
function setSwitches(system: GuestSystem): void {
  const texts = Object.entries(system.files ?? {}).filter(([path]) =>
    /^\/etc\/sysctl\.d\/.*\.conf$/.test(path),
  );
  const lines = texts.flatMap(([, text]) => text.split("\n")).map((line) => line.replaceAll(" ", ""));
  if (!lines.includes("net.ipv4.ip_forward=1")) return;
  system.forwarding = true;
  system.routerd = newRouterd();
}

function insertRule(system: GuestSystem, words: readonly string[]): void {
  const firewall = inserted(system.firewall ?? { input: [], forward: [] }, words);
  if (firewall === undefined)
    throw new TypeError(`('scripts_user', RuntimeError('iptables: ${words.join(" ")}'))`);
  system.firewall = firewall;
}

/** A unit whose program is the responder; systemd.service(5), ExecStart. */
function start(system: GuestSystem, unit: string): void {
  const text = system.files?.[`/etc/systemd/system/${unit}`] ?? "";
  const [, program = "", words = ""] = /^ExecStart=\/usr\/bin\/python3 (\S+) (.*)$/m.exec(text) ?? [];
  const sockets = system.files?.[program] === responderText ? socketsOf(words.split(" ")) : undefined;
  if (sockets === undefined) throw new TypeError(`('scripts_user', RuntimeError('${unit}: failed'))`);
  system.listening.push(...sockets);
}

function noteDigest(system: GuestSystem, of: string, into: string): void {
  if (of !== "/var/lib/cloud/instance/user-data.txt")
    throw new TypeError(`('scripts_user', RuntimeError('sha256sum: ${of}'))`);
  const digest = createHash("sha256").update(system.userData).digest("hex");
  system.files = { ...system.files, [into]: `${digest}  ${of}` };
}
