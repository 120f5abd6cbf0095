// One authenticated SSH connection over any stream: modern algorithms, one key, no agent, no trust on first use.
import ssh2 from "ssh2";
import { Unreadable } from "../../check/unreadable.ts";
import type { Secret } from "../../environment/secret.ts";
import { fingerprintOf } from "../key.ts";
import { algorithms } from "./algorithms.ts";
import { explainHandshake, orAborted } from "./failure.ts";
import type { Wire } from "./wire.ts";

/** Who logs in, and who judges the key that the server shows: a `ssh-ed25519 AAAA…` line. */
export type Login = {
  readonly user: string;
  readonly privateKey: Secret;
  readonly verify: (hostKey: string) => boolean | Promise<boolean>;
};

/** Thrown where `verify` refused the host key: the far end is somebody else. */
export class HostKeyMismatch extends Error {
  override readonly name = "HostKeyMismatch";
  /** Of the key that was shown, as ssh-keygen prints it: `SHA256:…`. */
  readonly fingerprint: string;

  constructor(fingerprint: string) {
    super(`the server shows another host key: ${fingerprint}`);
    this.fingerprint = fingerprint;
  }
}

/**
 * Shakes hands and logs in. The wire is hung up where that fails or the signal is aborted.
 * @throws Unreadable, HostKeyMismatch, or what `verify` throws
 */
export async function login(
  wire: Wire,
  { user, privateKey, verify }: Login,
  signal: AbortSignal,
): Promise<{ client: ssh2.Client; hostKey: string }> {
  const client = new ssh2.Client();
  const ready = Promise.withResolvers<void>();
  const key = judge(verify, ready.reject);
  client.on("ready", ready.resolve).on("error", (error) => ready.reject(explainHandshake(error)));
  client.on("close", () =>
    ready.reject(new Unreadable("unreachable", "connection lost in the SSH handshake")),
  );
  try {
    client.connect({
      sock: wire.stream,
      username: user,
      privateKey: privateKey.reveal(),
      algorithms,
      hostVerifier: key.verifier,
      readyTimeout: 0,
    });
    await orAborted(ready.promise, signal, "SSH handshake");
    return { client, hostKey: key.shown() };
  } catch (error) {
    await wire.hangUp();
    throw error;
  }
}

/** Lets `verify` decide on the key that the server shows; a refusal is told as HostKeyMismatch. */
function judge(verify: Login["verify"], refuse: (error: unknown) => void) {
  let line = "";
  const decide = async (blob: Buffer): Promise<boolean> => {
    line = `ssh-ed25519 ${blob.toString("base64")}`;
    const accepted = await verify(line);
    if (!accepted) refuse(new HostKeyMismatch(fingerprintOf(line)));
    return accepted;
  };
  const verifier: ssh2.HostVerifier = (blob, answer) => {
    decide(blob)
      .then(answer, (error: unknown) => {
        refuse(error);
        answer(false);
      })
      // ssh2 throws where the connection is gone by then, which its close has told.
      .catch(() => undefined);
  };
  return { verifier, shown: () => line };
}
