// What a cloud guest is told at its first boot: its name, its host key, its responders, and to prove that it has read it.
import { createHash } from "node:crypto";
import { dump } from "js-yaml";
import { publicKeyOf } from "../../probes/key.ts";
import { responderText } from "../../world/responder.ts";
import type { CloudGuest } from "./topology.ts";

/** Where a guest leaves the digest of the user data that it has carried out to the end. */
export const markerPath = "/var/lib/routerd/user-data.sha256";

const program = "/usr/local/lib/routerd/responder.py";
const unit = "routerd-responder.service";

/** The ports that responders answer on. */
export type Responders = { readonly udp: readonly number[]; readonly tcp: readonly number[] };

/** What an image lacks beyond what every one does: command lines, run before the digest is left behind. */
export type Openings = readonly (readonly string[])[];

/**
 * Cloud-config for one guest (cloudinit.readthedocs.io). It names no run: another one would make it another guest. It
 * holds a private key, so it is a secret.
 */
export function userDataOf(guest: CloudGuest, responders: Responders, openings: Openings = []): string {
  const config = {
    hostname: guest.name,
    ssh_deletekeys: true,
    ssh_keys: { ed25519_private: guest.hostKey.reveal(), ed25519_public: publicKeyOf(guest.hostKey) },
    write_files: [
      ...(guest.forwards
        ? [{ path: "/etc/sysctl.d/60-routerd.conf", content: "net.ipv4.ip_forward = 1\n" }]
        : []),
      { path: program, content: responderText },
      { path: `/etc/systemd/system/${unit}`, content: unitOf(responders) },
    ],
    runcmd: [
      ["sysctl", "--system"],
      ...openings,
      ["systemctl", "enable", "--now", unit],
      // Last, so that it tells of everything before it.
      [
        "sh",
        "-c",
        `mkdir -p /var/lib/routerd && sha256sum /var/lib/cloud/instance/user-data.txt > ${markerPath}`,
      ],
    ],
  };
  return `#cloud-config\n${dump(config, { lineWidth: -1 })}`;
}

/** SHA-256 of user data, in hex. */
export function digestOf(userData: string): string {
  return createHash("sha256").update(userData).digest("hex");
}

function unitOf({ udp, tcp }: Responders): string {
  const words = [...udp.map((port) => `udp:${port}`), ...tcp.map((port) => `tcp:${port}`)];
  return [
    "[Unit]",
    "Description=Answers the probes of a release environment certification",
    "[Service]",
    `ExecStart=/usr/bin/python3 ${program} ${words.join(" ")}`,
    "DynamicUser=yes",
    "Restart=on-failure",
    "[Install]",
    "WantedBy=multi-user.target",
    "",
  ].join("\n");
}
