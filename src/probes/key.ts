// SSH keys: the public half of one, and the fingerprint that people know it by.
import { createHash } from "node:crypto";
import { Problem } from "../environment/problem.ts";
import type { Secret } from "../environment/secret.ts";
import { library } from "./library.ts";

/** `ssh-ed25519 AAAA…` of an OpenSSH private key. Throws `Problem` where it is none. */
export function publicKeyOf(privateKey: Secret): string {
  const key = library().utils.parseKey(privateKey.reveal());
  if (key instanceof Error || Array.isArray(key))
    throw new Problem({
      subject: "config substrate:sshKey",
      expected: "one unencrypted OpenSSH private key",
      remedy: "make one with `ssh-keygen -t ed25519 -N ''` and set it with `pulumi config set --secret`",
    });
  return `${key.type} ${key.getPublicSSH().toString("base64")}`;
}

/** `SHA256:…` of a line `ssh-ed25519 AAAA…`, as ssh-keygen prints it. */
export function fingerprintOf(line: string): string {
  const blob = Buffer.from(line.split(" ")[1] ?? "", "base64");
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}
