// The `substrate:` section that every stack has, whichever substrate it declares.
import { z } from "zod";
import { duration } from "./duration.ts";
import { name } from "./name.ts";
import { secret } from "./secret.ts";

const port = z.coerce.number().int().min(1).max(65535);

const publicKey = z
  .string()
  .regex(/^ssh-ed25519 [A-Za-z0-9+/=]+$/, "an OpenSSH public key: `ssh-ed25519 AAAA…`, without a comment");

/** What `substrate:` keys may be set. */
export const common = z.strictObject({
  /** The topology that the release needs; `--topology` must equal it. */
  topology: name,
  /** OpenSSH private key (ed25519) for all endpoints. Its public half is what guests are given. */
  sshKey: secret,
  /** A bastion that leads to the endpoints, and its pinned host key. */
  jump: z
    .strictObject({ host: z.string().min(1), port, user: z.string().min(1), hostKey: publicKey })
    .optional(),
  /** For TCP connect and SSH handshake together. */
  connectTimeout: duration.prefault("10s"),
  /** From switching a guest on to its answering over SSH and agent. */
  bootDeadline: duration.prefault("5m"),
});

/** The parsed `substrate:` section. */
export type Common = z.infer<typeof common>;

/** A guest of the topology, and how a person or a probe logs in. */
export type Endpoint = {
  readonly name: z.infer<typeof name>;
  /** What it is in the topology: `client`, `leaf`. */
  readonly role: z.infer<typeof name>;
  readonly host: string;
  readonly port: number;
  readonly user: string;
};
