// Fresh ed25519 key pairs in OpenSSH's own formats.
import { generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import ssh2 from "ssh2";
import type { GuestSystem } from "./machine.ts";

const algorithm = "ssh-ed25519";

/**
 * Generates a key pair: private as unencrypted PEM (openssh-key-v1), public as a `ssh-ed25519 AAAA…` line without a comment.
 * ssh2's own generator drops leading zeros of the public key and so makes unreadable keys now and then (mscdex/ssh2#1390).
 */
export function generateHostKey(): GuestSystem["hostKey"] {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const half = { secret: raw(privateKey, "d"), open: raw(publicKey, "x") };
  const blob = Buffer.concat([field(algorithm), field(half.open)]);
  return { privateKey: pem(blob, half), publicKey: `${algorithm} ${blob.toString("base64")}` };
}

/** The public line of an unencrypted OpenSSH private key. Throws TypeError where it is none. */
export function publicHalf(privateKey: string): string {
  const key = ssh2.utils.parseKey(privateKey);
  if (key instanceof Error || Array.isArray(key)) throw new TypeError("no OpenSSH private key");
  return `${key.type} ${key.getPublicSSH().toString("base64")}`;
}

function raw(key: KeyObject, member: "d" | "x"): Buffer {
  const value = key.export({ format: "jwk" })[member];
  if (value === undefined) throw new TypeError(`an ed25519 JWK has no ${member}`);
  return Buffer.from(value, "base64url");
}

/** The container of https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key, cipher none. */
function pem(blob: Buffer, half: { secret: Buffer; open: Buffer }): string {
  const check = randomBytes(4);
  const inner = Buffer.concat([
    check,
    check,
    blob,
    field(Buffer.concat([half.secret, half.open])),
    field(""),
  ]);
  const padding = Buffer.from(Array.from({ length: (8 - (inner.length % 8)) % 8 }, (_, index) => index + 1));
  const body = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    field("none"),
    field("none"),
    field(""),
    Buffer.from([0, 0, 0, 1]),
    field(blob),
    field(Buffer.concat([inner, padding])),
  ]);
  const lines = body.toString("base64").replace(/.{70}/g, "$&\n").trimEnd();
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

function field(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
